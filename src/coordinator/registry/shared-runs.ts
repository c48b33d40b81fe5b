type Runs<Result> = { running: Promise<Result>; next: Promise<Result> | undefined };

/**
 * Answers that depend on files as they are now. A hundred sessions that begin in one moment ask a hundred times: whoever asks while
 * an answer is being found gets the next one, which begins after he has asked. So a crowd costs two runs, and nobody gets an answer
 * that is older than his question.
 */
export class SharedRuns<Result> {
  readonly #runs = new Map<string, Runs<Result>>();

  /** @param run  must give the same for everybody who asks with this key */
  ask(key: string, run: () => Promise<Result>): Promise<Result> {
    const runs = this.#runs.get(key);
    if (runs === undefined) return this.#start(key, run);
    runs.next ??= runs.running.then(
      () => this.#start(key, run),
      () => this.#start(key, run),
    );
    return runs.next;
  }

  #start(key: string, run: () => Promise<Result>): Promise<Result> {
    const running = run();
    const runs: Runs<Result> = { running, next: undefined };
    this.#runs.set(key, runs);
    const done = (): void => {
      if (runs.next === undefined) this.#runs.delete(key);
    };
    running.then(done, done);
    return running;
  }
}
