/** An agent that a user defined, in a Markdown file with front matter (the format of Claude Code). */
export type AgentDefinition = {
  name: string;
  /** When the model should use it. */
  description: string;
  /** Names of our tools; absent: all that agents may have. */
  tools?: string[];
  /** `large`, `small`, or a model as `provider/model`; absent: the session's own. */
  model?: string;
  /** Its system prompt. */
  prompt: string;
  file: string;
};

/** Work that a tool gives to an agent: a conversation of its own, of which only the end comes back. */
export type AgentRequest = {
  /** `task`, `fetch`, or a name that a user defined. */
  agent: string;
  prompt: string;
};

export type AgentResult = {
  /** The agent's last words, or why there are none. */
  text: string;
  ok: boolean;
  /** The session in which it worked. */
  session: string;
  /** What it did, a line each, the newest last. */
  steps: string[];
  /** US dollars. */
  cost: number;
};
