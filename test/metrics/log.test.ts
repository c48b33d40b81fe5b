import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type LogOptions, openLog } from "../../src/metrics/log.ts";
import { createRedactor, logTextCharsMax, redacted } from "../../src/metrics/redact.ts";

function open(options: Partial<LogOptions> = {}) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "crush-log-"));
  onTestFinished(() => fs.rmSync(dir, { recursive: true, force: true }));
  const file = path.join(dir, "logs", "crush.log");
  const log = openLog({ file, clock: { now: () => 0 }, ...options });
  onTestFinished(() => log.close());
  const raw = () => fs.readFileSync(file, "utf8");
  return {
    log,
    file,
    raw,
    lines: () =>
      raw()
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

describe("the log", () => {
  test("a line is one JSON object with time, level, message and fields, in a file only its owner reads", () => {
    const { log, file, lines } = open();
    log.info("started", { pid: 7, level: "forged", nested: { a: [1, "b"] } });
    log.child({ session: "S" }).warn("slow", { ms: 3 });
    expect(lines()).toEqual([
      { time: "1970-01-01T00:00:00.000Z", level: "info", message: "started", pid: 7, nested: { a: [1, "b"] } },
      { time: "1970-01-01T00:00:00.000Z", level: "warn", message: "slow", session: "S", ms: 3 },
    ]);
    if (process.platform !== "win32") expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  });

  test("below its level nothing is formatted: the fields are not even looked at", () => {
    const { log, lines } = open({ level: "warn" });
    const look = vi.fn(() => "costly");
    const fields = {
      get text() {
        return look();
      },
    };
    log.debug("no", fields);
    log.info("no", fields);
    expect(look).not.toHaveBeenCalled();
    expect([log.enabled("info"), log.enabled("warn")]).toEqual([false, true]);
    log.setLevel("debug");
    log.debug("yes", fields);
    expect(lines()).toMatchObject([{ message: "yes", text: "costly" }]);
  });

  test("errors are logged with code, stack and cause", () => {
    const { log, lines } = open();
    log.error("failed", { error: Object.assign(new Error("outer", { cause: new Error("inner sk-abcdefghijkl") }), { code: "full" }) });
    expect(lines()).toMatchObject([{ error: { name: "Error", message: "outer", code: "full", cause: { message: `inner ${redacted}` } } }]);
  });

  test("whatever is logged stays one line without control characters, and reads back as JSON", () => {
    const { log, raw, lines } = open();
    const nasty = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("\u001b[31m", "\u009b2J", "a\nb", "\u2028", "\u202e", "\u007f"));
    let count = 0;
    fc.assert(
      fc.property(nasty, fc.dictionary(nasty, fc.anything(), { maxKeys: 3 }), (message, fields) => {
        log.info(message, fields);
        count++;
      }),
      { numRuns: 300 },
    );
    expect(log.dropped).toBe(0);
    expect(lines().length).toBe(count);
    expect(raw().replaceAll("\n", "")).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
  });

  test("a full file is turned over once, and at most two are kept", () => {
    const { log, file } = open({ bytesMax: 2_000 });
    for (let n = 0; n < 200; n++) log.info("line", { n, pad: "x".repeat(100) });
    expect(fs.readdirSync(path.dirname(file)).sort()).toEqual(["crush.log", "crush.log.1"]);
    expect(fs.statSync(file).size).toBeLessThan(2_400);
    expect(fs.readFileSync(file, "utf8")).toContain('"n":199');
  });

  test("it never throws: a line that cannot be written is counted", () => {
    const { log, file } = open();
    fs.mkdirSync(file, { recursive: true }); // a directory where the file should be
    log.info("one");
    log.error("two", {
      circular: (() => {
        const a: Record<string, unknown> = {};
        a.a = a;
        return a;
      })(),
    });
    expect(log.dropped).toBe(2);
  });
});

describe("redaction", () => {
  const secret = "a1B2c3D4e5F6g7H8";
  test.each([
    [{ apiKey: secret }],
    [{ api_key: secret }],
    [{ "x-api-key": secret }],
    [{ headers: { Authorization: `Bearer ${secret}` } }],
    [{ headers: new Map([["cookie", secret]]) }],
    [{ OPENAI_API_KEY: secret }],
    [{ githubToken: secret }],
    [{ tokens: [secret] }],
    [{ password: { value: secret } }],
    [{ text: `curl -H "Authorization: Bearer ${secret}"` }],
    [{ url: `https://user:${secret}@host/path` }],
    [{ text: `OPENAI_API_KEY=${secret} crush` }],
    [{ text: `sk-proj-${secret}` }],
    [{ text: `ghp_${secret}` }],
    [{ error: new Error(`token=${secret}`) }],
    [{ deep: { list: [{ secret }] } }],
  ])("%j does not show the secret", (fields) => {
    const shown = JSON.stringify(createRedactor().value(fields));
    expect(shown).not.toContain(secret);
    expect(shown).toContain(redacted);
  });

  test("a value that is known to be secret is taken out wherever it stands, also from the message and the names", () => {
    const { log, raw } = open({ secrets: ["hunter2hunter2"] });
    log.addSecret("correct horse");
    log.info("it is hunter2hunter2", { note: "xcorrect horsey", hunter2hunter2: 1 });
    expect(raw()).not.toMatch(/hunter2hunter2|correct horse/);
  });

  test("what is no secret stays as it is", () => {
    const fields = {
      tokens: 12,
      contextTokens: 5,
      path: "/home/me/token-list.txt",
      text: "the token was read",
      monkey: "x",
      sessionId: "8c0b",
      ok: true,
    };
    expect(createRedactor().value(fields)).toEqual(fields);
  });

  test("texts, lists and depth are bounded, bytes are told as a number", () => {
    const value = createRedactor().value({
      text: "x".repeat(1e6),
      list: Array(1_000).fill(1),
      bytes: new Uint8Array(9),
      a: { b: { c: { d: { e: 1 } } } },
    }) as Record<string, unknown>;
    expect((value.text as string).length).toBeLessThan(logTextCharsMax + 40);
    expect((value.list as unknown[]).length).toBe(51);
    expect(value.bytes).toBe("9 bytes");
    expect(JSON.stringify(value.a)).toBe('{"b":{"c":{"d":"…"}}}');
  });
});
