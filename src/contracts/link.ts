// What crosses between the main thread and a session worker: arrays of these messages, at most one array each way and tick;
// keys and patches go at once. Plain data, cheap to clone; byte arrays are copies of their own (never views on WASM memory).
import type {
  Delta,
  DurableEvent,
  Effect,
  FinishReason,
  LatestEvent,
  Message,
  ModelInfo,
  ProtocolError,
  ScreenMode,
  TerminalTraits,
  Usage,
} from "../protocol/index.ts";
import type { CompletionRequest, ProviderFault } from "./wire-format.ts";

/** Given to a worker when it starts. */
export type WorkerSetup = {
  /** Path of the database, for a read-only connection. */
  database: string;
  /** Directory of the .wasm files. */
  kernels: string;
  shard: number;
  /** Ticks of streamed text a second. */
  ticksPerSecond: number;
};

/**
 * The one task that a session worker is given. It keeps the port, posts and receives arrays of messages over it, and its
 * promise stays pending as long as the worker lives: a rejection, an exit or an early answer is the death of the worker.
 */
export type AttachTask<Port> = { port: Port };

/** Main to worker. */
export type ToWorker =
  /**
   * A batch of events for views and prompt arenas. In order within a session, and before any completion.start that needs them.
   * The user message of a queued turn comes while another turn runs: a conversation is ordered by turn, then by message, so
   * an arena holds it back until its `turn.started`.
   */
  | { t: "events"; session: string; events: DurableEvent[] }
  | { t: "latest"; event: LatestEvent }
  /** Answer with parts of message `message`; the worker reads the conversation from its arena (or the database, first time). */
  | {
      t: "completion.start";
      session: string;
      turn: string;
      completion: string;
      message: string;
      attemptMessages: string[];
      request: CompletionRequest /** Instead of the session's conversation, for requests beside it (titles); `session` is then a name that no view shows. */;
      conversation?: Message[];
      /** So many characters of text are enough: the answer is taken as it stands then, and the connection is closed. */
      textCharsMax?: number;
    }
  | { t: "completion.cancel"; completion: string }
  /** Whether anybody subscribed to the session's deltas: without one and without a screen it is read a few times a second. Silence means yes. */
  | { t: "session.watched"; session: string; deltas: boolean }
  /** The session's arena may go: it was deleted or is idle. */
  | { t: "session.forget"; session: string }
  | {
      t: "screen.open";
      screen: number;
      cols: number;
      rows: number;
      term: TerminalTraits;
      mode: ScreenMode;
      workspace: string;
      session?: string;
      initialPrompt?: string;
      /** Sessions that the screen begins are yolo. */
      yolo?: boolean;
      state?: unknown;
    }
  | { t: "screen.input"; screen: number; bytes: Uint8Array }
  | { t: "screen.resize"; screen: number; cols: number; rows: number }
  | { t: "screen.ack"; screen: number; seq: number }
  | { t: "screen.repaint"; screen: number }
  | { t: "screen.focus"; screen: number; focused: boolean }
  /** Shows another session (or none). */
  | { t: "screen.show"; screen: number; session?: string }
  /** The configuration of its workspace has changed on disk; `notice` says why the one before is kept. */
  | { t: "screen.configured"; screen: number; notice?: string }
  /** Ends it. With `move` the worker answers with `screen.state`, to be opened elsewhere. */
  | { t: "screen.close"; screen: number; move?: boolean }
  /** Count what you hold; answered by a message of the same name and id. */
  | { t: "inventory"; id: number }
  /** Answer to a view's request. */
  | { t: "reply"; screen: number; id: number; result?: unknown; error?: ProtocolError }
  | { t: "shutdown" };

/** How a completion ended. Exactly one for each completion.start. */
export type CompletionOutcome =
  | {
      status: "ok";
      finish: FinishReason;
      usage: Omit<Usage, "cost">;
      cost?: number /** The provider told no usage: four bytes a token are assumed. */;
      estimated?: boolean;
    }
  | { status: "canceled" }
  | { status: "failed"; fault: ProviderFault };

/** Worker to main. */
export type ToMain =
  | { t: "ready" }
  /** Last in each batch: when it was posted, in ms of the process's monotonic clock. What passes until it is handled is main's delay. */
  | { t: "posted"; at: number }
  /** Text since the last tick, coalesced by part; each goes to subscribers and the store. */
  | { t: "deltas"; deltas: Delta[] }
  /**
   * An attempt broke after it had shown something: its message is finished as abandoned with these parts, and the next attempt
   * writes into message `next`.
   */
  | {
      t: "completion.retry";
      completion: string;
      session: string;
      message: Message;
      next: string;
      fault: ProviderFault;
      attempt: number;
      retryAt: number;
    }
  | {
      t: "completion.activity";
      session: string;
      completion: string;
      state: "connecting" | "waiting" | "streaming" | "retrying";
      note?: string;
      attempt?: number;
      retryAt?: number;
    }
  /** The whole message with its parts; tool calls with complete JSON arguments only when `outcome.status` is ok. */
  | {
      t: "completion.end";
      completion: string;
      session: string;
      message: Message;
      outcome: CompletionOutcome;
      timing: { connectMs: number; firstByteMs: number; totalMs: number; bytes: number };
    }
  | { t: "patch"; screen: number; base: number; seq: number; bytes: Uint8Array }
  | { t: "effect"; effect: Effect }
  /** A view's command: the same as a program's request on a socket. */
  | { t: "request"; screen: number; id: number; method: string; params: unknown }
  | { t: "screen.state"; screen: number; state: unknown }
  | { t: "screen.failed"; screen: number; message: string }
  /** Live objects by name: conversations, completions, screens. A closed session has none of them. */
  | { t: "inventory"; id: number; counts: Record<string, number> }
  /** Counters since the last report, added up by main. */
  | { t: "counters"; counters: Record<string, number> };

export type ModelChoice = { models: ModelInfo[] };
