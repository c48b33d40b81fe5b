// What the user says while a turn runs: it belongs to that turn, and the next completion is asked with it.
import type { DurableBody, Message } from "../../protocol/index.ts";

/** The words of a running turn that no completion has been asked with yet. */
export class Steering {
  readonly #commit: (bodies: DurableBody[]) => Promise<unknown>;
  readonly #unheard = new Set<string>();
  #writing: Promise<unknown> | undefined;

  constructor(commit: (bodies: DurableBody[]) => Promise<unknown>) {
    this.#commit = commit;
  }

  /** Something was said that the last answer could not know: the turn goes on although the model has stopped. */
  get waits(): boolean {
    return this.#unheard.size > 0;
  }

  /** @returns the commit of the message */
  say(message: Message): Promise<unknown> {
    this.#unheard.add(message.id);
    const committed = this.#commit([{ kind: "message.created", data: { message } }]);
    const done = committed.catch(() => this.#unheard.delete(message.id));
    const writing = Promise.all([this.#writing, done]).then(() => {
      if (this.#writing === writing) this.#writing = undefined;
    });
    this.#writing = writing;
    return committed;
  }

  /** Goes on when all that was said is written, at once if it is: the worker is told of it before it is asked. Not when the turn does not go on. */
  whenWritten(goesOn: () => boolean, go: () => void): void {
    if (this.#writing === undefined) go();
    else
      void this.#writing.then(() => {
        if (goesOn()) this.whenWritten(goesOn, go);
      });
  }

  /** A completion is asked with all of it. */
  heard(): void {
    this.#unheard.clear();
  }
}
