import type { MethodName, Params, Result, Scope, ServerFrame } from "../protocol/index.ts";

/** One connection, as the coordinator sees it. Implemented by server/. */
export interface Peer {
  readonly id: number;
  /** From hello: shown as the one who answered a permission. */
  readonly name: string;
  readonly scope: Scope;
  /**
   * Sends one frame. Durable events, answers, patches and effects are queued; deltas, progress and activity are dropped while
   * the socket holds more than `slowClientBytes`. The same object given to several peers is encoded once.
   */
  send(frame: ServerFrame): void;
  /** Resolves when the socket has drained below `slowClientBytes`: replays wait for it between pages. */
  drained(): Promise<void>;
}

/** What server/ may ask of the coordinator: everything a connection can do. */
export interface PeerPort {
  /** Params are checked against the schema before. @throws CommandError */
  request<M extends MethodName>(method: M, params: Params<M>, key?: string): Promise<Result<M>>;
  input(screen: number, bytes: Uint8Array): void;
  resize(screen: number, cols: number, rows: number): void;
  ack(screen: number, seq: number): void;
  repaint(screen: number): void;
  focus(screen: number, focused: boolean): void;
  /** The connection is gone: its screens close, its subscriptions end, its turns go on. */
  close(): void;
}

export interface Coordinator {
  readonly epoch: string;
  connect(peer: Peer): PeerPort;
  /** True while a turn runs or waits: the server must not end by itself. */
  busy(): boolean;
  /** Ends running turns as interrupted, flushes the store, stops the workers. */
  shutdown(): Promise<void>;
}
