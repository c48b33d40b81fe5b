/** Which part of a text that is longer than its window is in sight. */
export class Scroll {
  private offset = 0;
  /** Lines that are out of sight; not known before something was shown. */
  private overflow: number | undefined;
  private page = 1;

  /** Called by the names that the key tables have for them. */
  readonly actions = {
    up: () => this.by(-1),
    down: () => this.by(1),
    pageUp: () => this.by(-this.page),
    pageDown: () => this.by(this.page),
  };

  by(lines: number): void {
    this.offset = Math.max(0, Math.min(this.overflow ?? 0, this.offset + lines));
  }

  wheel(notches: number): void {
    this.by(notches * 3);
  }

  /** The part of `all` that shows in so many rows. */
  window<T>(all: readonly T[], rows: number): T[] {
    this.page = Math.max(1, rows);
    this.overflow = Math.max(0, all.length - rows);
    this.offset = Math.min(this.offset, this.overflow);
    return all.slice(this.offset, this.offset + rows);
  }

  /** Whether there is more than the window shows. */
  get scrolls(): boolean {
    return (this.overflow ?? 0) > 0;
  }

  /** Whether the end has been shown, and is in sight. */
  get atEnd(): boolean {
    return this.overflow !== undefined && this.offset >= this.overflow;
  }

  /** Lines up to the last one in sight. */
  get shown(): number {
    return this.offset + this.page;
  }
}
