// What a conversation is made shorter by: planned on the compute worker, which reads it itself; summarized by the model.

export type CompactionRequest = {
  session: string;
  /** The turn that is to go on. Prompts behind it wait, and are left alone. */
  turn: string;
  /** The prompt that it is about, which a resumed turn has from another; empty when there is none. */
  message: string;
  /** What is kept of the end, at most. */
  keepTokens: number;
  /** What the model has not answered yet (the prompt, the results of its last calls) is kept up to this, as long as it fits at all. */
  unansweredTokens: number;
  /** What the model is given to summarize at once, at most. */
  partTokens: number;
};

export type CompactionPlan = {
  /** The newest message; see Summary of the protocol for this and the lists. */
  upTo: string;
  kept: string[];
  waiting: string[];
  /** How many are replaced; 0: there is nothing to gain. */
  messages: number;
  /** Of what is sent now, of what of it is kept, and of what is replaced without an earlier summary. */
  tokens: number;
  keptTokens: number;
  replacedTokens: number;
  /** What is replaced, as text, cut at messages; each within `partTokens`. */
  parts: string[];
  prompts: string[];
  filesRead: string[];
  filesChanged: string[];
};
