// The nouns of the protocol. Ids are opaque strings; times are milliseconds since the epoch; sizes are bytes.

/** Which model answers: provider id and model id as in the configuration, e.g. {provider: "openai", model: "gpt-5"}. */
export type ModelRef = { provider: string; model: string };

/** Tokens as the provider reported them, and the cost in US dollars by the configured prices. */
export type Usage = { input: number; output: number; cacheRead: number; cacheWrite: number; reasoning: number; cost: number };

export type SessionStatus = "idle" | "running" | "waiting"; // waiting = a permission is asked for

export type Session = {
  id: string; // UUID
  /** Hex digest of the id; any unique prefix names the session on the command line, 7 characters are shown. */
  hash: string;
  title: string;
  /** Absolute path of the directory that it works in. */
  workspace: string;
  parent?: string;
  createdAt: number;
  updatedAt: number;
  model?: ModelRef;
  status: SessionStatus;
  messageCount: number;
  /** Sum over all completions of the session. */
  usage: Usage;
  /** Tokens of the last completion's prompt and answer: what the context window holds now. */
  contextTokens: number;
  todos: Todo[];
  /** The seq of its newest event. */
  head: number;
  /** Every call is allowed without a question. */
  yolo: boolean;
  /** Plan mode: calls that would change anything are refused until the user approves a plan. Absent: off. */
  plan?: boolean;
  /** The name of the agent whose work for the parent session this is. It takes no prompts and is in no list. */
  agent?: string;
};

export type Todo = { content: string; activeForm: string; status: "pending" | "in_progress" | "completed" };

/** pause: the provider wants to be asked again, and goes on where it was. */
export type FinishReason = "end_turn" | "tool_use" | "pause" | "max_tokens" | "content_filter" | "canceled" | "error" | "unknown";

/** role `tool` holds the results of the calls of the assistant message before it. */
export type MessageRole = "user" | "assistant" | "tool" | "system";

export type Message = {
  id: string;
  session: string;
  turn: string;
  role: MessageRole;
  createdAt: number;
  finishedAt?: number;
  model?: ModelRef;
  finish?: FinishReason;
  usage?: Usage;
  /** Why it ended in `error`, in words for a person. */
  error?: string;
  /** True for an attempt that broke and was repeated, or was interrupted: shown, and left out of what the model is sent. */
  abandoned?: boolean;
  /** Its turn was undone: shown, searched, and left out of what the model is sent. */
  undone?: boolean;
  /** A `system` message that stands for older ones in what the model is sent; its text is what it reads in their place. */
  summary?: Summary;
  parts: Part[];
};

/** What a compaction did. The messages that it replaces stay: to be read, searched and exported. */
export type Summary = {
  /** The newest message that there was. It and all before it are replaced, but for `kept`, which follow the summary in this order. */
  upTo: string;
  kept: string[];
  /** Prompts that waited for their turns: not replaced either. */
  waiting: string[];
  /** How many were replaced. */
  messages: number;
  /** Tokens of the context before and after, with system texts and tools. */
  tokensBefore: number;
  tokensAfter: number;
  /** The user's last prompts that were replaced, oldest first, each up to a bound; and paths that were read and changed. The next compaction takes them over. */
  prompts: string[];
  filesRead: string[];
  filesChanged: string[];
};

type PartBase = { id: string; index: number };
export type TextPart = PartBase & { kind: "text"; text: string; incomplete?: boolean };
export type ReasoningPart = PartBase & { kind: "reasoning"; text: string; signature?: string; incomplete?: boolean };
/** `input` is the argument text as the model wrote it: JSON, unless `incomplete`. */
export type ToolCallPart = PartBase & { kind: "tool_call"; call: string; name: string; input: string; incomplete?: boolean };
export type ToolResultPart = PartBase & {
  kind: "tool_result";
  call: string;
  name: string;
  /** What the model reads. */
  text: string;
  isError: boolean;
  /** How much it is when `text` is only its beginning, because that was asked for. */
  whole?: { chars: number; lines: number };
  /** What a UI shows beside it: a diff, an exit code, a path. Never sent to the model. */
  meta?: ToolMeta;
};
export type FilePart = PartBase & { kind: "file"; path: string; mime: string; bytes: number; text?: string; blob?: string };
/** Marks the file part of a user message that holds what a command of the user printed. */
export const shellOutputMime = "text/x-shell-output";
export type Part = TextPart | ReasoningPart | ToolCallPart | ToolResultPart | FilePart;
export type PartKind = Part["kind"];

export type ToolMeta = {
  path?: string;
  /** Unified diff of what was written. */
  diff?: string;
  additions?: number;
  removals?: number;
  exitCode?: number;
  /** Id of a background job. */
  job?: string;
  /** Wall time of the call. */
  ms?: number;
  denied?: boolean;
  todos?: Todo[];
  [key: string]: unknown;
};

export type TurnStatus = "queued" | "running" | "ok" | "failed" | "interrupted" | "limit";

export type Turn = {
  id: string;
  session: string;
  status: TurnStatus;
  /** The user message that began it. */
  message: string;
  createdAt: number;
  endedAt?: number;
  completions: number;
  usage: Usage;
  /** For failed, interrupted and limit: what happened and what to do. */
  reason?: string;
  /** Machine-readable cause: "canceled", "server_died", "permission_denied", "max_turns", "timeout", "loop", "provider", ... */
  cause?: string;
  undone?: boolean;
};

/** What undoing or redoing does to one file. */
export type TimeFile = {
  path: string;
  /** put: other contents; create: it comes back; remove: it was made and goes; none: it is as it should be already. */
  change: "put" | "create" | "remove" | "none";
  /** ready: will be done. conflict: it was changed since, and is left as it is unless forced. lost: the version to put is not kept. */
  state: "ready" | "conflict" | "lost" | "done";
  /** For conflict and lost: what is in the way, for a person. */
  why?: string;
  additions: number;
  removals: number;
  /** Unified diff from what is there to what will be; of texts of moderate size. */
  diff?: string;
};

/** What undo, redo and rewind would do (a preview), or did. `notes`: what they do not cover. `prompt`: the words that are taken back. */
export type TimeResult = { applied: boolean; turns: string[]; files: TimeFile[]; notes: string[]; prompt?: string };

export type QuestionKind = "yes_no" | "single_choice" | "multi_choice" | "free_text";

/** One thing that the agent asks the user. A free text is always a possible answer, too. */
export type Question = {
  kind: QuestionKind;
  question: string;
  description?: string;
  /** One or two words for it, for a tab. */
  label?: string;
  /** Of the choice kinds; yes_no has "yes" and "no". */
  choices?: { id: string; label: string; description?: string }[];
};

/** The answer to one question: ids of what was chosen, or words. */
export type QuestionAnswer = { choices?: string[]; text?: string };

export type PermissionState = "pending" | "allowed" | "denied";
export type PermissionScope = "once" | "session" | "always";

export type Permission = {
  id: string;
  session: string;
  turn: string;
  call: string;
  tool: string;
  /** execute, write, read, list, fetch, download; `question` is answered by `question.answer`, `plan` like a permission */
  action: string;
  /** One line for a person: the command, the path, the address. Control characters are made visible. */
  title: string;
  /** Raw argument text of the call. */
  input: string;
  path?: string;
  /** Unified diff of what an edit would do. */
  diff?: string;
  /** Why it is asked, e.g. "writes outside of the workspace". */
  why: string;
  /** What `always` would save, e.g. `bash(git status *)`; absent where no pattern is safe. */
  pattern?: string;
  state: PermissionState;
  scope?: PermissionScope;
  /** A denier's words to the model. */
  message?: string;
  /** What the agent asks, for the action `question`; and what was answered, one for each. */
  questions?: Question[];
  answers?: QuestionAnswer[];
  createdAt: number;
  resolvedAt?: number;
  /** Who answered: client name, "policy", "headless", "timeout". */
  resolvedBy?: string;
};

/** A message that holds all words of a search. */
export type SearchHit = {
  session: string;
  hash: string;
  title: string;
  workspace: string;
  message: string;
  /** Number of the message in its session, from 1. */
  seq: number;
  role: MessageRole;
  createdAt: number;
  /** The piece of it that shows why, on one line. `marks`: [start, length] of what was looked for, in UTF-16 units of `text`. */
  snippet: { text: string; marks: [number, number][] };
};

export type ModelInfo = ModelRef & {
  name: string;
  providerName: string;
  contextWindow: number;
  maxTokens: number;
  canReason: boolean;
  supportsImages: boolean;
  /** US dollars for a million tokens. */
  price: { input: number; output: number; cacheRead: number; cacheWrite: number };
};
