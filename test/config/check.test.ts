import fs from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkText } from "../../src/config/check.ts";
import { nearest } from "../../src/config/nearest.ts";
import { pathKey, positionsOf } from "../../src/config/positions.ts";
import { checkPlaces } from "../../src/config/index.ts";
import { withoutSecrets } from "../../src/config/show.ts";
import { openPlaces } from "./support/places.ts";

const told = (text: string) =>
  checkText("f", text).problems.map(({ line, column, key, level, message }) => `${line}:${column} ${level} ${key ?? ""}: ${message}`);

test("an unknown key is named with line, column and the key that was meant", () => {
  expect(told('{\n  "opitons": {},\n  "options": {\n    "tui": { "compactMode": true }\n  }\n}')).toEqual([
    '2:3 warning opitons: is not known; did you mean "options"?',
    '4:14 warning options.tui.compactMode: is not known; did you mean "compact_mode"?',
  ]);
});

test("a key in the wrong place is told where it belongs", () => {
  expect(told('{"compact_mode": true}')).toEqual(["1:2 warning compact_mode: is not known; it belongs under options.tui"]);
});

test("every wrong value of a file is named, not only the first", () => {
  expect(
    told('{\n"options": {"debug": 1,\n"disabled_tools": "bash",\n"tui": {"diff_mode": "spilt"}},\n"mcp": {"a": {}},\n"lsp": []}'),
  ).toEqual([
    "2:13 error options.debug: must be a boolean, not a number",
    "3:1 error options.disabled_tools: must be a list, not a string",
    '4:9 error options.tui.diff_mode: must be one of unified, split; did you mean "split"?',
    "5:9 error mcp.a.type: must be one of stdio, sse, http",
    "6:1 error lsp: must be an object, not a list",
  ]);
});

test("names of the user's own are no unknown keys, and theirs below are checked", () => {
  expect(
    told('{"providers": {"any.thing": {"models": [{"id": "a", "nmae": "b"}]}}, "options": {"node": {"keys": {"global": {"help": "f1"}}}}}'),
  ).toEqual(['1:53 warning providers.any.thing.models.0.nmae: is not known; did you mean "name"?']);
});

test("a key that stands twice and an event that does not exist are named", () => {
  expect(told('{"env": {},\n"hooks": {"PostToolUse": []},\n"env": {}}')).toEqual([
    "2:11 warning hooks.PostToolUse: no such event: only PreToolUse is known",
    "3:1 warning env: stands here for the second time: this one counts",
  ]);
});

test.each([
  ['{"a": 1,}', "1:9", "a comma stands before the closing brace"],
  ["{ nope", "1:3", "a string in double quotes is expected"],
  ["{\n  // why\n}", "2:3", "JSON has no comments"],
  ['{"a": "b', "1:9", "the text ends too early"],
  ['{"a": [1, 2', "1:12", "the text ends too early"],
  ['{"a": 01}', "1:8", "a comma or a closing brace is expected"],
  ["{} x", "1:4", "something follows the end of the object"],
])("what is no JSON is named by its place: %s", (text, at, message) => {
  expect(told(text)).toEqual([`${at} error : is not valid JSON: ${message}`]);
});

test("no message repeats a value that might be a key", () => {
  const text =
    '{"providers": {"a": {"api_key": {"sk-secret": 1}, "type": "sk-secret", "extra_headers": {"x": ["sk-secret"]}}}, "x": "sk-secret"';
  for (const each of [text, `${text}}`]) for (const line of told(each)) expect(line).not.toContain("sk-secret,");
  expect(told(text).join()).not.toContain("sk-secret");
});

test("the reader of positions agrees with JSON.parse on what is JSON, and finds every key", () => {
  const keys = (value: unknown, path: string[] = []): string[] =>
    typeof value !== "object" || value === null
      ? []
      : Object.entries(value).flatMap(([key, inner]) => [pathKey([...path, key]), ...keys(inner, [...path, key])]);
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(undefined, 2, "\t"), (value, indent) => {
      const found = positionsOf(JSON.stringify(value, null, indent));
      expect(found.problem).toBeUndefined();
      expect([...found.keys.keys()].sort()).toEqual(keys(value).sort());
    }),
  );
  fc.assert(
    fc.property(
      fc.jsonValue({ maxDepth: 3 }),
      fc.nat(),
      fc.constantFrom("", "{", "}", '"', ",", ":", "x", "\n", "\\"),
      (value, at, put) => {
        const text = JSON.stringify(value);
        const cut = at % (text.length + 1);
        const broken = text.slice(0, cut) + put + text.slice(cut + 1);
        let parses = true;
        try {
          JSON.parse(broken);
        } catch {
          parses = false;
        }
        expect(positionsOf(broken).problem === undefined).toBe(parses);
      },
    ),
  );
});

test("a name far from all others suggests none", () => {
  expect(nearest("banana", ["options", "env"])).toBeUndefined();
  expect(nearest("apiKey", ["api_key"])).toBe("api_key");
  expect(nearest("evn", ["options", "env"])).toBe("env");
});

test("what is shown of a configuration holds no secret, and says where one comes from", () => {
  const shown = JSON.stringify(
    withoutSecrets({
      providers: {
        a: { api_key: "sk-1234567890", base_url: "https://me:hunter2@x", extra_headers: { Authorization: "Bearer abc", X: "Bearer $X" } },
        b: { api_key: "$KEY", oauth: { access_token: "tok-1" }, name: "b" },
        c: { api_key: "${KEY:-sk-default}" },
      },
      mcp: { m: { type: "stdio", args: ["--token=abc123", "--verbose"], env: { A: "b-secret" }, oauth_client_secret: "s-secret" } },
      env: { PLAIN: "e-secret" },
    }),
  );
  for (const secret of ["sk-1234567890", "hunter2", "Bearer abc", "tok-1", "sk-default", "abc123", "b-secret", "s-secret", "e-secret"])
    expect(shown).not.toContain(secret);
  for (const kept of ["$KEY", "Bearer $X", "--verbose", '"name":"b"']) expect(shown).toContain(kept);
});

test("a crushrc is checked for its syntax with its line, and nothing of it runs", async () => {
  const places = openPlaces();
  try {
    const { workspace, configDir, env } = places;
    const ran = `${places.root}/ran`;
    places.rc(`touch ${ran}\nif true; then\n  option debug\n`);
    places.user({ opitons: {} });
    const { files, problems } = await checkPlaces({ workspace, configDir, env });
    expect(files.map((file) => file.slice(configDir.length))).toEqual(["/crush.json", "/crushrc"]);
    expect(problems).toMatchObject([
      { level: "warning", key: "opitons", line: 2 },
      { level: "error", file: files[1], line: 4 },
    ]);
    places.rc(`touch ${ran}\n`);
    expect((await checkPlaces({ workspace, configDir, env })).problems).toHaveLength(1);
    expect(fs.existsSync(ran)).toBe(false);
  } finally {
    places.dispose();
  }
});

test("what only others can judge is named with its line, too", () => {
  const more = () => [{ path: ["options", "node", "theme"], message: "is not mine" }];
  expect(checkText("f", '{"options":\n {"node": {"theme": "x"}}}', more).problems).toEqual([
    { file: "f", line: 2, column: 12, key: "options.node.theme", level: "warning", message: "is not mine" },
  ]);
});
