// What a view throws ends its screen, so no input and no event may make it throw.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { DurableBody, Part } from "../../src/protocol/index.ts";
import { answered, assistant, permission, session, Stage, turn, user } from "./support.ts";

const keys = fc.constantFrom(
  ..."abdfgjkJKswmnyu/@ \\\t\r\n\x03\x07\x08\x0c\x0e\x0f\x10\x12\x13\x14\x18\x19\x1a",
  "\x1b",
  "\x1b[27u",
  "\x1b[A",
  "\x1b[B",
  "\x1b[5~",
  "\x1b[6~",
  "\x1b[H",
  "\x1b[F",
  "\x1b[1;2A",
  "\x1b[1;2B",
  "\x1b[1;5D",
  "漢",
  "👩‍👩‍👧",
  "\x1b[200~a\nb\n\nc\x1b[201~",
  `\x1b[200~${"x\n".repeat(50)}\x1b[201~`,
  "\x1b[<0;5;5M",
  "\x1b[<32;30;9M",
  "\x1b[<0;30;9m",
  "\x1b[<64;5;5M",
  "\x1b[<65;5;5M",
  "\x1b[<0;20;22M",
  "/help\r",
  "@src",
  "\x1b[I",
  "\x1b[O",
);
const odd = fc.constantFrom(
  "",
  "{",
  '{"command":',
  "null",
  '{"command":5,"path":{}}',
  "\u001b[2J\u0000\u202e",
  "```\n",
  "| a |\n|--|",
  "x".repeat(300),
);
const part = (text: string, kind: number, n: number): Part =>
  [
    { id: `p${n}`, index: n, kind: "text", text } as const,
    { id: `p${n}`, index: n, kind: "reasoning", text } as const,
    { id: `p${n}`, index: n, kind: "tool_call", call: `c${n}`, name: ["bash", "edit", "mcp_x", ""][n % 4]!, input: text } as const,
    { id: `p${n}`, index: n, kind: "file", path: text, mime: "x", bytes: 3 } as const,
    {
      id: `p${n}`,
      index: n,
      kind: "tool_result",
      call: `c${n % 3}`,
      name: "view",
      text,
      isError: n % 2 === 0,
      meta: { diff: text, path: text },
    } as const,
  ][kind]!;
const events = fc.oneof(
  fc
    .tuple(odd, fc.nat({ max: 4 }), fc.nat({ max: 5 }))
    .map(([text, kind, n]): DurableBody => ({ kind: "part.finished", data: { message: `m${n % 2}`, part: part(text, kind, n) } })),
  fc.nat({ max: 3 }).map(
    (n): DurableBody => ({
      kind: "message.created",
      data: { message: n % 2 ? user(`t${n}`, `prompt ${n}`) : assistant(`m${n % 2}`, "t1") },
    }),
  ),
  fc
    .constantFrom("queued", "running", "ok", "failed", "interrupted", "limit")
    .chain((status) =>
      fc.nat({ max: 3 }).map((n): DurableBody => ({ kind: "turn.started", data: { turn: turn(`t${n}`, status as "ok") } })),
    ),
  fc.tuple(odd, fc.boolean()).map(
    ([input, pending]): DurableBody => ({
      kind: "permission.asked",
      data: { permission: permission({ id: input.slice(0, 3), input, diff: input, state: pending ? "pending" : "denied" }) },
    }),
  ),
  odd.map(
    (title): DurableBody => ({
      kind: "session.updated",
      data: { session: session({ title, todos: [{ content: title, activeForm: "", status: "in_progress" }] }) },
    }),
  ),
  fc.constant<DurableBody>({ kind: "message.finished", data: { message: answered("t1", "x") } }),
);
const step = fc.oneof(
  fc.record({ keys }),
  fc.record({ event: events }),
  fc.record({ delta: odd, n: fc.nat({ max: 5 }), offset: fc.nat({ max: 40 }) }),
  fc.record({ cols: fc.integer({ min: 20, max: 200 }), rows: fc.integer({ min: 5, max: 60 }) }),
  fc.record({ pass: fc.integer({ min: 1, max: 3_000 }) }),
);

test.each(["full", "inline"] as const)(
  "%s: no keys, events, resizes or waits make it throw, and the cursor stays on the screen",
  async (mode) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: "max" }), async (steps) => {
        let size = { cols: 80, rows: 24 };
        const stage = new Stage({
          session: "s1",
          mode,
          replies: { "session.list": () => ({ sessions: [session()] }), "file.complete": () => ({ paths: ["a/", "b.ts"] }) },
        });
        await stage.settle();
        for (const each of steps) {
          if ("keys" in each) await stage.type(each.keys);
          else if ("event" in each) stage.event(each.event);
          else if ("delta" in each)
            stage.delta(
              `m${each.n % 2}`,
              `p${each.n}`,
              each.offset,
              each.delta,
              (["text", "reasoning", "tool_call"] as const)[each.n % 3]!,
              { index: each.n },
            );
          else if ("pass" in each) await stage.host.pass(each.pass);
          else {
            size = each;
            stage.surface.resize(each.cols, mode === "inline" ? each.rows - 1 : each.rows);
            stage.view.resize(each.cols, each.rows);
          }
          stage.paint();
          expect(stage.cursor.row).toBeGreaterThanOrEqual(0);
          expect(stage.cursor.row).toBeLessThan(mode === "inline" ? stage.liveRows : size.rows);
          expect(stage.cursor.col).toBeLessThan(size.cols);
          if (mode === "inline") expect(stage.liveRows).toBeLessThan(size.rows);
        }
      }),
      { numRuns: 120 },
    );
  },
);
