// The view on the real screen, its patches on a terminal emulator: what a person sees.
import { expect, test } from "vitest";
import { loadKernel } from "../../src/kernels/load.ts";
import { checkPatch, type DurableBody, type DurableEvent, type LatestEvent, type ScreenMode } from "../../src/protocol/index.ts";
import { openScreen, type Screen } from "../../src/session/screen/index.ts";
import { openView } from "../../src/ui/index.ts";
import { type FakeViewHost, settled } from "../support/fake-view-host.ts";
import { openTerminal, type Oracle } from "../support/terminal-oracle.ts";
import { assistant, permission, Stage, turn, user } from "./support.ts";

const kernel = loadKernel("dist/kernels", "diff");

class Real {
  readonly terminal: Oracle;
  readonly screen: Screen;
  bytes = 0;
  private seq = 0;

  constructor(mode: ScreenMode, cols: number, rows: number, host: FakeViewHost) {
    this.terminal = openTerminal({ cols, rows });
    if (mode === "full") this.terminal.write("\x1b[?1049h");
    this.screen = openScreen({ screen: 7, cols, rows, mode, term: host.term, workspace: host.workspace, session: "s1" }, kernel, openView, {
      clock: host,
      request: (method, params) => host.request(method as never, params as never),
      dirty: () => {},
      guard: (run) => run(),
      send: (message) => {
        if (message.t !== "patch") return;
        expect(checkPatch(message.bytes)).toMatchObject({ ok: true });
        this.bytes += message.bytes.length;
        this.terminal.write(message.bytes);
        queueMicrotask(() => this.screen.ack(message.seq));
      },
    });
  }

  event(body: DurableBody): void {
    this.screen.event({ type: "event", session: "s1", seq: ++this.seq, time: 1, ...body } as DurableEvent);
  }

  delta(offset: number, text: string): void {
    const event: LatestEvent = { type: "delta", session: "s1", message: "m1", part: "x1", index: 0, kind: "text", offset, text };
    this.screen.event(event);
  }

  /** The rows within the terminal's width (the emulator keeps what stood beyond it before a resize). */
  get lines(): string[] {
    return this.terminal.cells().map((row) =>
      row
        .map((cell) => cell.char || (cell.width === 0 ? "" : " "))
        .join("")
        .trimEnd(),
    );
  }

  async settle(): Promise<void> {
    for (let i = 0; i < 50; i++) {
      this.screen.tick();
      await settled();
      if (!this.screen.due) break;
    }
  }
}

const answer = Array.from({ length: 30 }, (_, i) =>
  i % 7 === 3
    ? `\`\`\`ts\nconst n${i} = "漢字"; // 👍🏽\n\`\`\``
    : i % 5 === 0
      ? `- item **${i}** with [a link](https://example.org/${i})`
      : `Paragraph ${i} says a few words, some wide 漢字 and 👩‍👩‍👧 too.`,
).join("\n\n");
const script = (send: { event: (body: DurableBody) => unknown }): void => {
  send.event({ kind: "message.created", data: { message: user("t1", "tell me") } });
  send.event({ kind: "turn.started", data: { turn: turn("t1", "running") } });
  send.event({ kind: "message.created", data: { message: assistant("m1", "t1") } });
};

test("frame by frame, with scrolling and a resize, the terminal shows what a view opened afresh would paint", async () => {
  const { host } = new Stage({ session: "s1" });
  const real = new Real("full", 70, 20, host);
  await real.settle();
  script(real);
  let size = { cols: 70, rows: 20 };
  for (let at = 0, n = 0; at < answer.length; at += 37, n++) {
    real.delta(at, answer.slice(at, at + 37));
    if (n === 20) {
      size = { cols: 45, rows: 30 };
      real.terminal.resize(size.cols, size.rows);
      real.screen.resize(size.cols, size.rows);
    }
    await real.settle();
    if (n % 6 !== 0) continue;
    const fresh = new Stage({ session: "s1", ...size });
    script(fresh);
    fresh.delta("m1", "x1", 0, answer.slice(0, at + 37));
    await fresh.settle();
    expect(real.lines).toEqual(fresh.surface.lines);
  }
});

test("a streamed answer costs few bytes more than its text", async () => {
  const { host } = new Stage({ session: "s1" });
  const real = new Real("full", 120, 40, host);
  script(real);
  await real.settle();
  const text = Array.from(
    { length: 100 },
    (_, i) => `Sentence ${i} of an ordinary answer has about a dozen ordinary words in it.${i % 4 === 3 ? "\n\n" : " "}`,
  ).join("");
  const before = real.bytes;
  for (let at = 0; at < text.length; at += 20) {
    real.delta(at, text.slice(at, at + 20));
    await real.settle();
  }
  expect(real.bytes - before).toBeLessThan(text.length * 5);
});

test("inline: scrollback and screen together hold every line of the answer once", async () => {
  const { host } = new Stage({ session: "s1", mode: "inline" });
  const real = new Real("inline", 70, 16, host);
  await real.settle();
  script(real);
  const lines = Array.from({ length: 80 }, (_, i) => `paragraph ${i}.`);
  const text = lines.join("\n\n");
  for (let at = 0; at < text.length; at += 23) {
    real.delta(at, text.slice(at, at + 23));
    await real.settle();
  }
  real.event({ kind: "part.finished", data: { message: "m1", part: { id: "x1", index: 0, kind: "text", text } } });
  real.event({ kind: "permission.asked", data: { permission: permission() } });
  await real.settle();
  const all = [...real.terminal.scrollback(), ...real.terminal.lines()];
  expect(all.filter((line) => line.startsWith("paragraph"))).toEqual(lines);
  expect(all.join("\n")).toContain("Permission: Bash");
});
