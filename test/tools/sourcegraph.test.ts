import { afterAll, expect, test } from "vitest";
import type { Http } from "../../src/contracts/tool.ts";
import { createHttp } from "../../src/net/index.ts";
import { serveHttp } from "../support/http-server.ts";
import { bench } from "./support.ts";

const real = createHttp();
let answer: { status: number; body: string; location?: string } = { status: 200, body: "{}" };
let asked: { method: string; url: string; body: { query: string; variables: { query: string } } }[] = [];
const server = await serveHttp(async (request, response) => {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  asked.push({ method: request.method!, url: request.url!, body: JSON.parse(Buffer.concat(pieces).toString() || "{}") });
  response.writeHead(answer.status, answer.location === undefined ? {} : { location: answer.location }).end(answer.body);
});
afterAll(async () => {
  await server.close();
  await real.close();
});
const web: Http = {
  get: (request) => real.get({ ...request, url: request.url.replace("https://sourcegraph.com", server.url), allowPrivate: true }),
  lookup: () => Promise.reject(new Error("is not looked up")),
};

const content = Array.from({ length: 30 }, (_, at) => `line ${at + 1}`).join("\n");
const file = (name: string, lines: number[], text: string | null = content) => ({
  __typename: "FileMatch",
  repository: { name: "github.com/o/r" },
  file: { path: name, url: `/github.com/o/r/-/blob/${name}`, content: text },
  lineMatches: lines.map((lineNumber) => ({ preview: `line ${lineNumber + 1}`, lineNumber })),
});
const found = (results: unknown[], more = {}) =>
  JSON.stringify({ data: { search: { results: { matchCount: 7, limitHit: false, alert: null, results, ...more } } } });
const search = async (body: string, input: Record<string, unknown> = {}, status = 200) => {
  asked = [];
  answer = { status, body };
  const { call } = await bench({}, { http: web });
  return call("sourcegraph", { query: "parse lang:go", ...input });
};

test("a search is one POST, and its matches come with the lines around them, numbered and marked", async () => {
  const { text, isError } = await search(found([file("a.go", [4, 6]), { __typename: "Repository" }]), { context_window: 1, count: 3 });
  expect(isError).toBe(false);
  expect(asked).toMatchObject([{ method: "POST", url: "/.api/graphql?Search", body: { variables: { query: "parse lang:go count:3" } } }]);
  expect(text).toBe(
    [
      "7 matches, 1 of 1 files:",
      "",
      "github.com/o/r: a.go",
      "https://sourcegraph.com/github.com/o/r/-/blob/a.go",
      "      4| line 4",
      ">     5| line 5",
      "      6| line 6",
      ">     7| line 7",
      "      8| line 8",
    ].join("\n"),
  );
});

test("windows that do not touch are apart, a file without content shows its matching lines, and no more files come than asked for", async () => {
  const { text } = await search(found([file("a.go", [1, 20]), file("b.go", [2], null), file("c.go", [3])], { limitHit: true }), {
    context_window: 0,
    count: 2,
  });
  expect(text).toContain("2 of 3 files");
  expect(text).toContain("narrow the query");
  expect(text).toContain(">     2| line 2\n  …\n>    21| line 21");
  expect(text).toContain(">     3| line 3");
  expect(text).not.toContain("c.go");
});

test("nothing found, a wrong query, a failing server and an answer that is none are told apart", async () => {
  expect(await search(found([], { alert: { title: "No repositories", description: "check repo:" } }))).toEqual({
    text: "No repositories: check repo:\nNothing was found.",
    isError: false,
  });
  expect(await search(JSON.stringify({ errors: [{ message: "unbalanced parenthesis" }] }))).toMatchObject({
    text: "Sourcegraph refused the query: unbalanced parenthesis",
    isError: true,
  });
  expect((await search("down", {}, 503)).text).toContain("status 503");
  expect((await search("<html>")).text).toContain("could not be read");
  expect((await search(found([]), { query: " " })).isError).toBe(true);
});

test("a POST is not repeated elsewhere by a redirect", async () => {
  asked = [];
  answer = { status: 307, body: "", location: `${server.url}/other` };
  const { call } = await bench({}, { http: web });
  expect((await call("sourcegraph", { query: "x" })).text).toContain("status 307");
  expect(asked).toHaveLength(1);
});

test("it never asks, and limits hold whatever the model wants", async () => {
  const { intent } = await bench({}, { http: web });
  expect(await intent("sourcegraph", { query: "a\nb" })).toEqual({ action: "none", title: "Search public code: a\\nb" });
  await search(found([]), { count: 500, context_window: "3" });
  expect(asked[0]!.body.variables.query).toBe("parse lang:go count:20");
});
