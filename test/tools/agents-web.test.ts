import { afterAll, describe, expect, test } from "vitest";
import type { Http } from "../../src/contracts/tool.ts";
import { createHttp } from "../../src/net/index.ts";
import { readResults } from "../../src/tools/web_search/results.ts";
import { serveHttp } from "../support/http-server.ts";
import { bench } from "./support.ts";

const real = createHttp();
const answers: Record<string, { status?: number; type?: string; body: string }> = {};
const asked: string[] = [];
const server = await serveHttp((request, response) => {
  asked.push(request.url!);
  const { status = 200, type = "text/html", body } = answers[new URL(request.url!, "http://x").pathname] ?? { status: 404, body: "no" };
  response.writeHead(status, { "content-type": type }).end(body);
});
afterAll(async () => {
  await server.close();
  await real.close();
});
/** The web, as far as these tests go, is the server above. */
const web: Http = {
  get: (request) => {
    const { pathname, search } = new URL(request.url);
    return real.get({ ...request, url: `${server.url}${pathname}${search}`, allowPrivate: true });
  },
  lookup: async (url) => ({ host: new URL(url).hostname, addresses: ["192.0.2.1"], private: new URL(url).hostname === "intranet" }),
};

const page = `<html><body><table>
<tr><td>1.</td><td><a rel="nofollow" href="//duckduckgo.com/l/?uddg=https%3A%2F%2Fexample.org%2Fa%3Fx%3D1&amp;rut=abc" class='result-link'>First &amp; <b>best</b></a></td></tr>
<tr><td></td><td class='result-snippet'>What it <b>says</b> &#39;here&#39;</td></tr>
<tr><td>2.</td><td><a rel="nofollow" href="https://example.net/" class='result-link'>Second</a></td></tr>
<tr><td>3.</td><td><a rel="nofollow" href="javascript:alert(1)" class='result-link'>Third</a></td></tr>
</table></body></html>`;

describe("web_search", () => {
  test("gives titles, the addresses that the links lead to, and snippets", async () => {
    answers["/lite/"] = { body: page };
    const { call } = await bench({}, { http: web });
    const { text } = await call("web_search", { query: "first best" });
    expect(text).toBe("1. First & best\n   https://example.org/a?x=1\n   What it says 'here'\n2. Second\n   https://example.net/\n   ");
    expect(asked.at(-1)).toBe("/lite/?q=first%20best");
    expect(readResults(page, 1)).toHaveLength(1);
  });

  test("says that it is rate-limited instead of finding nothing", async () => {
    answers["/lite/"] = { body: "<div class='anomaly-modal'>prove it</div>" };
    const { call } = await bench({}, { http: web });
    expect(await call("web_search", { query: "x" })).toMatchObject({ isError: true });
    answers["/lite/"] = { body: "<html>no links</html>" };
    expect((await call("web_search", { query: "x" })).text).toBe("Nothing was found.");
  });
});

describe("web_fetch", () => {
  test("gives a page without its menus and scripts, and JSON with line breaks", async () => {
    answers["/p"] = { body: "<html><nav>Menu</nav><h1>Head</h1><script>bad()</script><p>Text</p></html>" };
    answers["/j"] = { type: "application/json", body: '{"a":[1]}' };
    const { call } = await bench({}, { http: web });
    const { text } = await call("web_fetch", { url: "https://example.org/p" });
    expect(text).toContain("# Head");
    expect(text).not.toMatch(/Menu|bad/);
    expect((await call("web_fetch", { url: "https://example.org/j" })).text).toBe('{\n  "a": [\n    1\n  ]\n}');
  });

  test("saves a long page to a file that view and grep can read", async () => {
    answers["/long"] = { type: "text/plain", body: "line of text\n".repeat(5_000) };
    const { call, text } = await bench({}, { http: web });
    const result = await call("web_fetch", { url: "https://example.org/long" });
    const name = /saved to (page-\w+\.md)/.exec(result.text)![1]!;
    expect(text(name)).toHaveLength(65_000);
    expect(result.text.length).toBeLessThan(3_000);
  });
});

describe("agents", () => {
  test("an agent has no agents, and agentic_fetch names the private network that it would read", async () => {
    const { call, intent } = await bench({}, { http: web });
    expect(await call("agent", { prompt: "x" })).toMatchObject({ isError: true });
    expect(await intent("agentic_fetch", { prompt: "x", url: "http://intranet/" })).toMatchObject({ action: "fetch" });
    expect((await intent("agentic_fetch", { prompt: "x", url: "http://intranet/" })).title).toContain("private address");
    expect(await intent("agentic_fetch", { prompt: "x", url: "file:///etc/passwd" })).toHaveProperty("refuse");
  });
});
