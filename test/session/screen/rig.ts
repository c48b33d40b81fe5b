// A screen with a fake view, a client that checks, writes and acknowledges patches, and a terminal.
import { type Patch, checkPatch, patchBytesMax, type ScreenMode } from "../../../src/protocol/index.ts";
import { loadKernel } from "../../../src/kernels/load.ts";
import { openScreen, type Screen, type ScreenOptions } from "../../../src/session/screen/index.ts";
import { openTerminal, type Oracle } from "../../support/terminal-oracle.ts";
import { type FakeView, fakeViews } from "./fake-view.ts";

export const kernel = loadKernel("dist/kernels", "diff");

export class Attached {
  readonly screen: Screen;
  readonly view: FakeView;
  terminal: Oracle;
  readonly patches: Omit<Patch, "type" | "screen">[] = [];
  readonly effects: unknown[] = [];
  /** Written and not acknowledged yet. */
  unacknowledged: number[] = [];
  /** Patches that the client has not read yet. */
  unread: Omit<Patch, "type" | "screen">[] = [];
  reads = true;
  ticksAsked = 0;
  private base = 0;

  constructor(options: Partial<ScreenOptions> & { mode: ScreenMode; plain?: boolean; terminal?: Oracle }) {
    const all: ScreenOptions = { screen: 7, cols: 40, rows: 12, term: { name: "xterm", colours: "true" }, workspace: "/w", ...options };
    this.terminal = options.terminal ?? openTerminal({ cols: all.cols, rows: all.rows });
    // The client enters the alternate screen, not the server.
    if (all.mode === "full") this.terminal.write("\x1b[?1049h");
    const { open, views } = fakeViews();
    this.screen = openScreen(all, options.plain ? undefined : kernel, open, {
      clock: { now: () => 0, after: () => () => {} },
      request: () => Promise.reject(new Error("no requests here")),
      dirty: () => {
        this.ticksAsked++;
      },
      guard: (run) => run(),
      send: (message) => {
        if (message.t === "effect") {
          this.effects.push(message.effect);
          return;
        }
        this.patches.push(message);
        this.unread.push(message);
        if (this.reads) this.read();
      },
    });
    this.view = views[0]!;
  }

  /** The client reads what was sent: checks it, writes it, acknowledges it. */
  read(): void {
    for (const patch of this.unread.splice(0)) {
      const check = checkPatch(patch.bytes);
      if (!check.ok) throw new Error(`patch ${patch.seq} at ${check.at}: ${check.why}`);
      if (patch.bytes.length > patchBytesMax) throw new Error("too large a patch");
      if (patch.base !== 0 && patch.base !== this.base)
        throw new Error(`patch ${patch.seq} rests on ${patch.base}, the client has ${this.base}`);
      this.base = patch.seq;
      this.terminal.write(patch.bytes);
      this.unacknowledged.push(patch.seq);
    }
  }
  /** Acknowledges what was written, and whatever that brings. */
  acknowledge(): void {
    while (this.unacknowledged.length > 0) this.screen.ack(this.unacknowledged.shift()!);
  }
  /** Ticks until nothing is due, acknowledging at once. */
  settle(): void {
    for (let i = 0; i < 1_000 && (this.screen.due || this.unacknowledged.length > 0); i++) {
      this.screen.tick();
      this.acknowledge();
    }
  }
  type(text: string): void {
    this.screen.input(new TextEncoder().encode(text));
  }
}
