import { expect, test } from "vitest";
import type { PeerPort } from "../../src/contracts/coordinator.ts";
import { promptBytesMax } from "../../src/protocol/index.ts";
import { clientFrames } from "../../src/protocol/schema/frames.ts";
import { checkParams } from "../../src/protocol/schema/params.ts";
import { checkHello } from "../../src/server/handshake.ts";
import { hotFrames } from "../../src/server/hot-frames.ts";

test("a mistake is named with its path", () => {
  expect(checkParams("session.prompt", { session: "s", text: "t", files: [{ path: "a" }, { path: 1 }] })).toMatchObject({
    ok: false,
    path: "params.files[1].path",
  });
  expect(checkParams("screen.open", { cols: 10_000 })).toMatchObject({ ok: false, path: "params.cols" });
});

test("unknown fields are dropped, not refused", () => {
  expect(checkParams("session.list", { limit: 3, later: true })).toEqual({ ok: true, params: { limit: 3 } });
  expect(checkParams("server.status", { later: true })).toEqual({ ok: true, params: {} });
});

test("a prompt is measured in bytes, not characters", () => {
  expect(checkParams("session.prompt", { session: "s", text: "é".repeat(promptBytesMax / 2) }).ok).toBe(true);
  expect(checkParams("session.prompt", { session: "s", text: "é".repeat(promptBytesMax / 2 + 1) }).ok).toBe(false);
});

const nothing = () => {};
const port: PeerPort = {
  request: () => Promise.reject(new Error()),
  input: nothing,
  resize: nothing,
  ack: nothing,
  repaint: nothing,
  focus: nothing,
  close: nothing,
};

/** A valid frame of each kind, and ways to spoil each field. */
const samples: { frame: Record<string, unknown>; fields: string[] }[] = [
  { frame: { type: "input", screen: 1, bytes: new Uint8Array([1]) }, fields: ["screen", "bytes"] },
  { frame: { type: "resize", screen: 1, cols: 80, rows: 24 }, fields: ["screen", "cols", "rows"] },
  { frame: { type: "ack", screen: 1, seq: 2 }, fields: ["screen", "seq"] },
  { frame: { type: "repaint", screen: 1 }, fields: ["screen"] },
  { frame: { type: "focus", screen: 1, focused: true }, fields: ["screen", "focused"] },
];
const spoilers: unknown[] = [undefined, null, -1, 1.5, Number.NaN, 1e9 + 0.5, "1", {}, [], 2 ** 60];

test("frames checked by hand are accepted and refused as their published schemas say", () => {
  for (const { frame, fields } of samples) {
    const type = frame.type as keyof typeof clientFrames;
    const agree = (candidate: Record<string, unknown>) =>
      expect(hotFrames[type]!(port, candidate) === undefined, JSON.stringify(candidate)).toBe(
        clientFrames[type].safeParse(candidate).success,
      );
    agree(frame);
    for (const field of fields) for (const spoiler of spoilers) agree({ ...frame, [field]: spoiler });
  }
});

test("hello is accepted and refused as its published schema says, but for the version", () => {
  const hello = { type: "hello", protocol: 1, client: { name: "a", version: "1" }, token: "t", capabilities: ["x"] };
  const agree = (candidate: Record<string, unknown>) =>
    expect(checkHello(candidate) === undefined, JSON.stringify(candidate)).toBe(clientFrames.hello.safeParse(candidate).success);
  agree(hello);
  for (const field of ["type", "client", "token"]) for (const spoiler of spoilers.slice(1)) agree({ ...hello, [field]: spoiler });
  for (const client of [{}, { name: 1, version: "1" }, { name: "x".repeat(300), version: "1" }]) agree({ ...hello, client });
  expect(checkHello({ ...hello, protocol: 2 })).toContain("update");
});
