// Counting what a completion amounts to where its provider does not say: asked by the main thread, done on the compute worker.

export type TokensRequest = {
  session: string;
  turn: string;
  /** The message that the completion wrote: the conversation is what stands before it. */
  until: string;
  /** The last message that was counted before: only what follows is read. Absent: from the beginning. */
  after?: string;
  /** Counted each on its own. */
  texts: string[];
};

export type TokensAnswer = {
  /** Tokens of the messages between `after` and `until`, as the model reads them. */
  conversation: number;
  /** To be given as `after` next time. Absent: there is no message yet. */
  after?: string;
  texts: number[];
};
