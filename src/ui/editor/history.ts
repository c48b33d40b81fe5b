/** Prompts that can be called back with up and down. */
const historyMax = 200;

/** Earlier prompts, and the draft that was being written when the first one was called. */
export class History {
  private readonly entries: string[] = [];
  private at: number | undefined;
  private draft = "";

  add(text: string): void {
    this.at = undefined;
    if (text.trim() === "" || this.entries.at(-1) === text) return;
    this.entries.push(text);
    if (this.entries.length > historyMax) this.entries.shift();
  }

  /** Fills in what was said before this view opened, oldest first. */
  seed(texts: readonly string[]): void {
    const known = new Set(this.entries);
    this.entries.unshift(...texts.filter((text) => text.trim() !== "" && !known.has(text)).slice(-historyMax));
  }

  previous(current: string): string | undefined {
    const at = this.at ?? this.entries.length;
    if (at === 0) return undefined;
    if (this.at === undefined) this.draft = current;
    this.at = at - 1;
    return this.entries[this.at];
  }

  next(): string | undefined {
    if (this.at === undefined) return undefined;
    this.at++;
    if (this.at < this.entries.length) return this.entries[this.at];
    this.at = undefined;
    return this.draft;
  }

  /** Typing makes the shown entry a draft of its own. */
  leave(): void {
    this.at = undefined;
  }
}
