// A coordinator of a few lines: an event log by session, prompts that run once a key, screens that echo.
import type { Coordinator, Peer, PeerPort } from "../../src/contracts/coordinator.ts";
import { CommandError, type Delta, type DurableBody, type DurableEvent, type MethodName, type Params } from "../../src/protocol/index.ts";

export type Call = { peer: string; method: string; params: unknown; key?: string };

export class FakeCoordinator implements Coordinator {
  epoch = "epoch-1";
  readonly calls: Call[] = [];
  readonly inputs: { screen: number; text: string }[] = [];
  readonly others: unknown[] = [];
  readonly peers = new Set<Peer>();
  readonly logs = new Map<string, DurableEvent[]>();
  readonly #subscribers = new Map<string, Set<Peer>>();
  readonly #answers = new Map<string, unknown>();
  #screens = 0;
  onInput: ((bytes: Uint8Array) => void) | undefined;
  /** Replaces the handling of a method. */
  readonly handle: { [M in MethodName]?: (params: Params<M>, peer: Peer) => unknown } = {};

  busy(): boolean {
    return false;
  }

  async shutdown(): Promise<void> {}

  /** Commits a finished text part and tells the subscribers. */
  append(session: string, text: string): DurableEvent {
    const index = this.logs.get(session)?.length ?? 0;
    return this.commit(session, { kind: "part.finished", data: { message: "m", part: { id: `p${index}`, index: 0, kind: "text", text } } });
  }

  commit(session: string, body: DurableBody): DurableEvent {
    const log = this.logs.get(session) ?? [];
    this.logs.set(session, log);
    const event: DurableEvent = { type: "event", session, seq: log.length + 1, time: 0, ...body };
    log.push(event);
    for (const peer of this.#subscribers.get(session) ?? []) peer.send(event);
    return event;
  }

  delta(session: string, text: string): void {
    const delta: Delta = { type: "delta", session, message: "m", part: "p", index: 0, kind: "text", offset: 0, text };
    for (const peer of this.#subscribers.get(session) ?? []) peer.send(delta);
  }

  connect(peer: Peer): PeerPort {
    this.peers.add(peer);
    return {
      request: async (method, params, key) => {
        this.calls.push({ peer: peer.name, method, params, ...(key === undefined ? {} : { key }) });
        if (key !== undefined && this.#answers.has(key)) return this.#answers.get(key) as never;
        const own = this.handle[method] as ((params: unknown, peer: Peer) => unknown) | undefined;
        const result = own ? await own(params, peer) : await this.#run(peer, method, params as never);
        if (key !== undefined) this.#answers.set(key, result);
        return result as never;
      },
      input: (screen, bytes) => {
        this.onInput?.(bytes);
        this.inputs.push({ screen, text: new TextDecoder().decode(bytes) });
        peer.send({ type: "patch", screen, base: 1, seq: this.inputs.length + 1, bytes });
      },
      resize: (screen, cols, rows) => this.others.push({ resize: screen, cols, rows }),
      ack: (screen, seq) => this.others.push({ ack: screen, seq }),
      repaint: (screen) => this.others.push({ repaint: screen }),
      focus: (screen, focused) => this.others.push({ focus: screen, focused }),
      close: () => {
        this.peers.delete(peer);
        for (const peers of this.#subscribers.values()) peers.delete(peer);
      },
    };
  }

  async #run(peer: Peer, method: MethodName, params: { session: string; after?: number; text: string }): Promise<unknown> {
    switch (method) {
      case "session.subscribe": {
        const { session, after } = params;
        const log = this.logs.get(session) ?? [];
        if (after !== undefined && after > log.length) throw new CommandError("not_found", `session ${session} has no event ${after}`);
        const goLive = () => this.#subscribers.set(session, (this.#subscribers.get(session) ?? new Set()).add(peer));
        if (after === undefined) {
          goLive();
          return { head: log.length };
        }
        // Pages as a real replay has them: read, send, wait for the socket, read what came meanwhile.
        let at = after;
        void (async () => {
          for (;;) {
            const page = (this.logs.get(session) ?? []).slice(at, at + 20);
            if (page.length === 0) break;
            for (const event of page) peer.send(event);
            at += page.length;
            await peer.drained();
          }
          if (!this.peers.has(peer)) return;
          goLive();
          peer.send({ type: "live", session, head: at });
        })();
        return { head: log.length };
      }
      case "session.unsubscribe":
        this.#subscribers.get(params.session)?.delete(peer);
        return {};
      case "session.prompt": {
        const { seq } = this.append(params.session, params.text);
        return { turn: `t${seq}`, message: `m${seq}`, queued: false };
      }
      case "screen.open": {
        const screen = ++this.#screens;
        peer.send({ type: "patch", screen, base: 0, seq: 1, bytes: new TextEncoder().encode("hello") });
        return { screen };
      }
      case "screen.close":
      case "screen.show":
        return {};
      case "session.list":
        return { sessions: [] };
      case "permission.list":
        return { permissions: [] };
      default:
        throw new CommandError("not_found", `${method} is not part of the fake`);
    }
  }
}
