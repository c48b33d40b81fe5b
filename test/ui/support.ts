import type { View } from "../../src/contracts/view.ts";
import type {
  DurableBody,
  DurableEvent,
  LatestEvent,
  Message,
  MethodName,
  Params,
  Permission,
  Result,
  ScreenMode,
  Session,
  ToolMeta,
  Turn,
} from "../../src/protocol/index.ts";
import { WasmLayout } from "../../src/kernels/layout.ts";
import { loadKernel } from "../../src/kernels/load.ts";
import { kernelMode } from "../../src/kernels/switch.ts";
import { openView, useLayout } from "../../src/ui/index.ts";
import { FakeViewHost, settled } from "../support/fake-view-host.ts";
import { MemorySurface } from "../support/memory-surface.ts";
import { newSession, noUsage } from "../support/session-row.ts";

// As in the product: CRUSH_KERNELS=plain runs all of this with the plain version.
if (kernelMode() !== "plain") useLayout(new WasmLayout(loadKernel("dist/kernels", "layout")));

export const session = (more: Partial<Session> = {}): Session =>
  newSession("s1", { hash: "abcdef0123456789", title: "A session", workspace: "/home/me/project", ...more });
export const turn = (id: string, status: Turn["status"], more: Partial<Turn> = {}): Turn => ({
  id,
  session: "s1",
  status,
  message: `${id}-user`,
  createdAt: 1_000_000,
  completions: 0,
  usage: noUsage,
  ...more,
});
export const user = (turnId: string, text: string): Message => ({
  id: `${turnId}-user`,
  session: "s1",
  turn: turnId,
  role: "user",
  createdAt: 1_000_000,
  finishedAt: 1_000_000,
  parts: [{ id: `${turnId}-user-p`, index: 0, kind: "text", text }],
});
export const assistant = (id: string, turnId: string, more: Partial<Message> = {}): Message => ({
  id,
  session: "s1",
  turn: turnId,
  role: "assistant",
  createdAt: 1_000_000,
  parts: [],
  ...more,
});
export const answered = (turnId: string, text: string): Message =>
  assistant(`${turnId}-a`, turnId, {
    finishedAt: 1_000_001,
    finish: "end_turn",
    parts: [{ id: `${turnId}-a-p`, index: 0, kind: "text", text }],
  });
/** What the call `c1` came to, in the message `m2` of the turn `t1`. */
export const toolResult = (name: string, text: string, meta?: ToolMeta): Message =>
  assistant("m2", "t1", {
    role: "tool",
    parts: [{ id: "r1", index: 0, kind: "tool_result", call: "c1", name, text, isError: false, ...(meta && { meta }) }],
  });
export const permission = (more: Partial<Permission> = {}): Permission => ({
  id: "p1",
  session: "s1",
  turn: "t1",
  call: "c1",
  tool: "bash",
  action: "execute",
  title: "rm -rf build",
  input: JSON.stringify({ command: "rm -rf build" }),
  why: "removes files",
  pattern: "bash(rm -rf build)",
  state: "pending",
  createdAt: 1_000_000,
  ...more,
});

export const gpt = {
  provider: "openai",
  model: "gpt-5",
  name: "GPT-5",
  providerName: "OpenAI",
  contextWindow: 100_000,
  maxTokens: 8_000,
  canReason: true,
  supportsImages: true,
  price: { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 },
};

type Replies = { [M in MethodName]?: (params: Params<M>) => Result<M> | Promise<Result<M>> };

/** A whole view on a memory surface with a scripted core behind it. */
export class Stage {
  readonly host: FakeViewHost;
  readonly surface: MemorySurface;
  readonly view: View;
  readonly committed: string[] = [];
  cursor = { row: 0, col: 0, visible: false };
  liveRows = 0;
  private seq = 0;

  constructor(
    options: {
      cols?: number;
      rows?: number;
      session?: string;
      mode?: ScreenMode;
      messages?: Message[];
      turns?: Turn[];
      replies?: Replies;
      state?: unknown;
      initialPrompt?: string;
    } = {},
  ) {
    const { cols = 80, rows = 24, mode = "full" } = options;
    this.host = new FakeViewHost(
      {
        "model.list": () => ({ models: [gpt], large: { provider: "openai", model: "gpt-5" }, notices: [], demo: false }),
        "session.get": () => ({ session: session() }),
        "session.messages": () => ({ messages: options.messages ?? [], more: false }),
        "session.turns": () => ({ turns: options.turns ?? [] }),
        "command.list": () => ({ commands: [], notices: [] }),
        "permission.list": () => ({ permissions: [] }),
        "permission.resolve": () => ({ permission: permission({ state: "allowed" }) }),
        "session.prompt": () => ({ turn: "t1", message: "t1-user", queued: false }),
        "session.create": () => ({ session: session(), notices: [] }),
        "session.cancel": () => ({ canceled: true }),
        "session.setYolo": ({ yolo }) => ({ session: session({ yolo }) }),
        "screen.show": ({ session }) => {
          this.view.show(session);
          return {};
        },
        ...options.replies,
      },
      mode,
    );
    this.surface = new MemorySurface(cols, mode === "inline" ? rows - 1 : rows);
    this.view = openView(this.host, {
      cols,
      rows,
      ...(options.session === undefined ? {} : { session: options.session }),
      ...(options.state === undefined ? {} : { state: options.state }),
      ...(options.initialPrompt === undefined ? {} : { initialPrompt: options.initialPrompt }),
    });
  }

  paint(): string {
    const frame = this.view.paint(this.surface);
    this.cursor = frame.cursor;
    this.liveRows = frame.liveRows ?? 0;
    for (const line of frame.commit ?? [])
      this.committed.push(
        line.spans
          .map((span) => span.text)
          .join("")
          .trimEnd(),
      );
    return this.surface.screen;
  }

  async settle(): Promise<string> {
    await settled();
    return this.paint();
  }

  async type(text: string): Promise<string> {
    this.view.input(new TextEncoder().encode(text));
    return this.settle();
  }

  event(body: DurableBody): this {
    this.view.event({ type: "event", session: "s1", seq: ++this.seq, time: this.host.time, ...body } as DurableEvent);
    return this;
  }

  latest(event: LatestEvent): this {
    this.view.event(event);
    return this;
  }

  delta(
    message: string,
    part: string,
    offset: number,
    text: string,
    kind: "text" | "reasoning" | "tool_call" = "text",
    more: { call?: string; name?: string; index?: number } = {},
  ): this {
    return this.latest({ type: "delta", session: "s1", message, part, index: 0, kind, offset, text, ...more });
  }
}
