import type {
  Message,
  ModelInfo,
  ModelRef,
  Permission,
  PermissionScope,
  QuestionAnswer,
  SearchHit,
  Session,
  TimeResult,
  Turn,
} from "./model.ts";
import type { ScreenMode, TerminalTraits } from "./screen.ts";

/** Environment of the client, for `$VAR` in configuration and for tools' children (secrets are filtered for those). */
export type ClientEnv = Record<string, string>;

export type PromptOptions = {
  /** Completions before the turn ends with `limit`. */
  maxTurns?: number;
  /** Wall time before the turn ends with `limit`. */
  timeoutMs?: number;
  /** Rules `tool` or `tool:action` or `bash(git status *)`, allowed for this turn. */
  allow?: string[];
  /** Nobody can answer: what would be asked is denied, the reason names the flag that would allow it. */
  headless?: boolean;
  /** US dollars: the turn ends with `limit` before a completion that could take it beyond. */
  budget?: number;
};

/**
 * A file given with a prompt: by path (a file or directory that the server reads in the workspace's name), by its text, or by the hash of
 * an attachment that was uploaded; `path` is its name then. Pictures go to models that take them, up to `pictureBytesMax`.
 */
export type PromptFile = { path: string; text?: string; hash?: string };

/** A prompt that is kept as a file: a custom command, or a skill that a user may call. `arguments`: the names that its text asks for. */
export type PromptCommand = {
  /** `user:name`, `project:name`, directories as `user:dir:name`; skills by their name. */
  id: string;
  kind: "command" | "skill";
  description?: string;
  /** What to write behind the name, in words. */
  hint?: string;
  arguments: string[];
};

/** Every method: params and result. Whether it mutates (and so takes an idempotency key), and the scope that a token needs: scopes.ts. */
export type Methods = {
  "session.create": {
    params: { workspace: string; title?: string; model?: ModelRef; smallModel?: ModelRef; env?: ClientEnv; yolo?: boolean; plan?: boolean };
    result: { session: Session; notices: string[] };
  };
  /** Sessions of agents are in no list but that of their `parent`, oldest first. */
  "session.list": { params: { parent?: string; workspace?: string; limit?: number; before?: number }; result: { sessions: Session[] } };
  /** `session` may be an id or a unique prefix of a hash; "last" with `workspace` is the newest one there. */
  "session.get": { params: { session: string; workspace?: string }; result: { session: Session } };
  "session.rename": { params: { session: string; title: string }; result: { session: Session } };
  "session.delete": { params: { session: string }; result: Record<string, never> };
  /**
   * Newest page first in time order: at most `limit` messages before message id `before` (or the end), fewer when they are long. `cut`: of
   * long results only the first `resultHeadChars` characters, with `whole`.
   */
  "session.messages": {
    params: { session: string; before?: string; limit?: number; cut?: boolean };
    result: { messages: Message[]; more: boolean };
  };
  /**
   * Messages of all sessions that hold every word of `query`, newest first; "words in quotes" stand side by side, and of the last word a
   * beginning of three letters is enough. Signs mean nothing, so no query is malformed. `complete` false: messages wait to be indexed.
   */
  "session.search": { params: { query: string; limit?: number }; result: { hits: SearchHit[]; complete: boolean } };
  /** Replays durable events with seq > `after`, then `live`, then live. Without `after`: live only, from the answer's head on. */
  "session.subscribe": { params: { session: string; after?: number; deltas?: boolean }; result: { head: number } };
  "session.unsubscribe": { params: { session: string }; result: Record<string, never> };
  /**
   * Acknowledged when the user message is on disk. Sent while a turn runs, it is queued; with `steer` it becomes part of that turn, which
   * is asked with it at its next completion, and a turn that would have ended goes on (`options` are that turn's then).
   * `env` refreshes the workspace's environment.
   */
  "session.prompt": {
    params: { session: string; text: string; files?: PromptFile[]; options?: PromptOptions; env?: ClientEnv; steer?: boolean };
    result: { turn: string; message: string; queued: boolean; steered?: boolean };
  };
  /** Ends the running turn as interrupted within 100 ms; `queue` also drops what waits. */
  "session.cancel": { params: { session: string; queue?: boolean }; result: { canceled: boolean } };
  /** Goes on with an interrupted turn: missing tool results are given, then the model is asked again. */
  "session.resume": { params: { session: string; options?: PromptOptions }; result: { turn: string } };
  /**
   * Has the model summarize what was said, as a turn of its own: older messages are replaced by a `summary` message in what the model is
   * sent, and stay in the history. While a turn runs it is queued. `instructions`: what the summary should dwell on.
   */
  "session.compact": { params: { session: string; instructions?: string }; result: { turn: string; queued: boolean } };
  "session.setModel": { params: { session: string; model: ModelRef; kind?: "large" | "small" }; result: { session: Session } };
  "session.setYolo": { params: { session: string; yolo: boolean }; result: { session: Session } };
  /** Plan mode on or off. Off needs the scope "approve". */
  "session.setPlan": { params: { session: string; plan: boolean }; result: { session: Session } };
  "session.turns": { params: { session: string; limit?: number }; result: { turns: Turn[] } };
  /**
   * Takes back a turn (the newest one that counts): its messages are not sent to the model any more, the files that its tools wrote are as
   * they were before. `preview` only tells. A file that was changed since is left, unless its path stands in `force`.
   */
  "session.undo": { params: { session: string; turn?: string; preview?: boolean; force?: string[] }; result: TimeResult };
  /** Takes back the newest undo or rewind, as long as no turn has begun since. */
  "session.redo": { params: { session: string; preview?: boolean; force?: string[] }; result: TimeResult };
  /** Undoes every turn after a message together; for a user's message the turn that it began, too. */
  "session.rewind": { params: { session: string; message: string; preview?: boolean; force?: string[] }; result: TimeResult };
  /**
   * A new session with the history up to a message (or all of it); no file is touched. A user's message is not part of it: its text comes
   * as `prompt`.
   */
  "session.fork": { params: { session: string; message?: string; title?: string }; result: { session: Session; prompt?: string } };
  /** Copies sessions of a Crush database, which is only read. A second import adds what is new. Without `file`: `.crush` of the workspace. */
  "session.import": { params: { workspace: string; file?: string }; result: ImportReport };
  "permission.list": { params: { session?: string }; result: { permissions: Permission[] } };
  "permission.resolve": {
    params: { permission: string; decision: "allow" | "deny"; scope?: PermissionScope; message?: string };
    result: { permission: Permission };
  };
  /**
   * Answers what the agent asked: one answer for each question, in order. The first valid one counts. `permission.resolve` with
   * "deny" declines to answer.
   */
  "question.answer": { params: { question: string; answers: QuestionAnswer[] }; result: { permission: Permission } };
  "model.list": {
    params: { workspace: string; env?: ClientEnv };
    result: {
      models: ModelInfo[];
      large?: ModelRef;
      small?: ModelRef;
      notices: string[];
      demo: boolean /** Files of the project that wait for a yes. */;
      untrusted?: number;
    };
  };
  /** How the configuration wants a screen to look and its keys to be. */
  "ui.settings": {
    params: { workspace: string };
    result: {
      theme: ThemeChoice;
      keys: Record<string, Record<string, string[]>>;
      /** How somebody is told who looks elsewhere. */
      notifications?: "auto" | "native" | "osc" | "bell" | "disabled";
    };
  };
  /** Files of the project that would set what needs its user's yes (endpoints, keys, env, commands, hooks, servers, permissions). */
  "trust.status": { params: { workspace: string }; result: { files: ProjectFile[] } };
  /** Says yes to exactly these contents; they count from the next turn on. Refused when a file says something else by now. */
  "trust.grant": { params: { workspace: string; files: FileHash[] }; result: Record<string, never> };
  /** Says no to exactly these contents: a screen does not ask about them again. */
  "trust.decline": { params: { workspace: string; files: FileHash[] }; result: Record<string, never> };
  /** Takes every yes and no of the directory back; answers the files that had been trusted. */
  "trust.revoke": { params: { workspace: string }; result: { files: string[] } };
  /** Providers that one can connect or has connected, and what was chosen before. No key is in the answer. */
  "provider.list": { params: { workspace: string }; result: ProviderList };
  /**
   * Asks the provider, once, whether it takes the key, and keeps it in the user's machine-written configuration (0600). A key that is
   * refused is not kept. A provider that does not answer, or cannot be asked, is kept with `force`. `provider` absent: another server that
   * speaks Chat Completions, at `baseUrl`.
   */
  "provider.connect": {
    params: { workspace: string; provider?: string; apiKey?: string; baseUrl?: string; force?: boolean };
    result: ProviderConnected;
  };
  /** Asks providers (one, or all that are configured), once each, whether they take their keys. It costs nothing. */
  "provider.check": { params: { workspace: string; env?: ClientEnv; provider?: string }; result: { checks: ProviderCheck[] } };
  /**
   * Takes the catalogue of models anew: from its usual address, or from `source`, which is an address, a file's path, or "embedded" for
   * what came with this version.
   */
  "provider.update": { params: { workspace: string; env?: ClientEnv; source?: string }; result: CatalogueUpdate };
  /**
   * The model that answers in new sessions from now on, kept in the user's machine-written configuration. `effort`: how hard it reasons;
   * "default" leaves it to the provider, and without it what was said of this model stays.
   */
  "model.choose": {
    params: { workspace: string; model: ModelRef; kind?: "large" | "small"; effort?: ReasoningEffort | "default" };
    result: Record<string, never>;
  };
  /** Paths under the workspace for `@` completion, best match first. */
  "file.complete": { params: { workspace: string; query: string; limit?: number }; result: { paths: string[] } };
  /**
   * Uploads a file in pieces, by the SHA-256 of its bytes in hex. An upload that broke off goes on at `offset`; `complete`: nothing is to be
   * sent. Begin, pieces in order, end; each may be repeated.
   */
  "attachment.begin": { params: { hash: string; bytes: number }; result: { offset: number; complete: boolean } };
  /** `data`: base64 of exactly `attachmentPieceBytes` bytes, of the last piece what is left. */
  "attachment.chunk": { params: { hash: string; offset: number; data: string }; result: { offset: number } };
  /** Checks the hash; on disk when it answers. */
  "attachment.end": { params: { hash: string }; result: { bytes: number; mime: string } };
  /** Custom commands and skills of the workspace and of the user; of a project those that are trusted. */
  "command.list": { params: { workspace: string }; result: { commands: PromptCommand[]; notices: string[] } };
  /** The prompt that a command becomes. `args` stand for $ARGUMENTS, $1, $2, ..., `values` for names in capitals. */
  "command.expand": {
    params: { workspace: string; id: string; args?: string; values?: Record<string, string> };
    result: { text: string };
  };
  "screen.open": {
    params: {
      cols: number;
      rows: number;
      term: TerminalTraits;
      mode: ScreenMode;
      workspace: string;
      env?: ClientEnv;
      session?: string;
      yolo?: boolean;
      initialPrompt?: string;
    };
    result: { screen: number; session?: string };
  };
  "screen.close": { params: { screen: number }; result: Record<string, never> };
  /** For the built-in UI: shows another session (or none) on its screen; the coordinator moves the screen if another worker owns it. */
  "screen.show": { params: { screen: number; session?: string }; result: Record<string, never> };
  /**
   * Runs a command of the user's in the user's shell, without the model and without asking. Its output comes as progress of the call
   * `message`, and when it has ended as a user message of this id, which the model reads with the next prompt.
   */
  "session.shell": { params: { session: string; command: string; env?: ClientEnv }; result: { message: string; job: string } };
  "job.list": { params: { session?: string }; result: { jobs: JobInfo[] } };
  /** The end of what a job has printed. */
  "job.output": { params: { job: string }; result: { job: JobInfo; output: string; cut: boolean } };
  "job.kill": { params: { job: string }; result: Record<string, never> };
  "server.status": { params: Record<string, never>; result: ServerStatus };
  "server.stop": { params: { /** false: refuse while turns run */ force?: boolean }; result: Record<string, never> };
};

export type MethodName = keyof Methods;
export type Params<M extends MethodName> = Methods[M]["params"];
export type Result<M extends MethodName> = Methods[M]["result"];

/** auto, dark, light, ansi; or a user's file, whose styles stand over those of `base`. */
export type ThemeChoice = { name: string; file?: string; base?: string; styles?: Record<string, string> };

/** What an import of a Crush database did. `notes`: what it left out, for a person. */
export type ImportReport = {
  file: string;
  sessions: { id: string; hash: string; title: string; messages: number; state: "new" | "grown" | "known" | "deleted" }[];
  notes: string[];
};

export type ReasoningEffort = "low" | "medium" | "high";

export type ProviderInfo = {
  id: string;
  name: string;
  /** Can be used now. */
  ready: boolean;
  models: number;
  needsKey: boolean;
  /** Where its key is looked for besides the configuration. */
  keyVariable?: string;
  baseUrl: string;
};

/** `recent`: models chosen before, newest first. `effort`: what the configured models reason with. `file`: where keys are kept. */
export type ProviderList = {
  providers: ProviderInfo[];
  recent: { large: ModelRef[]; small: ModelRef[] };
  effort: { large?: ReasoningEffort; small?: ReasoningEffort };
  file: string;
};

/**
 * ok: it took the key. unsure: it answers, and cannot be asked without a completion. bad_key: it refused the key. unreachable: nobody
 * answered. `message` says more, for a person.
 */
export type ProviderCheck = {
  provider: string;
  name: string;
  verdict: "ok" | "unsure" | "bad_key" | "unreachable";
  message?: string;
  ms: number;
};

/** `changed` false: it was the newest one already. */
export type CatalogueUpdate = { source: string; changed: boolean; providers: number; models: number };

/** `saved` false: `problem` says why; `force` would save it when `forcible`. `model`: what it offers first, to be chosen. */
export type ProviderConnected = {
  saved: boolean;
  provider: string;
  name: string;
  problem?: string;
  forcible?: boolean;
  model?: ModelRef;
  /** The model is the provider's usual one; otherwise it is only the first of its list. */
  usual?: boolean;
};

/** A file and the SHA-256 of its bytes, in hex. */
export type FileHash = { file: string; hash: string };

export type ProjectFile = FileHash & {
  state: "new" | "changed" | "trusted" | "declined";
  /** A crushrc, which is run once it is trusted. */
  script: boolean;
  /** Keys that it would set; none for a script. */
  keys: string[];
  /** Unified diff from what was trusted before (or from nothing) to what is there. */
  patch: string;
};

export type JobInfo = {
  id: string;
  command: string;
  session?: string;
  startedAt: number;
  running: boolean;
  exitCode?: number;
  bytes: number;
};

export type ServerStatus = {
  version: string;
  pid: number;
  epoch: string;
  startedAt: number;
  clients: number;
  screens: number;
  sessionsOpen: number;
  turnsRunning: number;
  /** Counters of metrics/, by name. */
  counters: Record<string, number>;
};
