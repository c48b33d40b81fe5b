import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { serveHttp } from "../support/http-server.ts";
import { apiKey, openProduct, type Product } from "../support/product.ts";
import { openPty, play, type Pty } from "../support/pty.ts";

// From a machine without any configuration to the answer of a provider. A step ends with enter; what is pressed to open a list is none.

/** In front of the simulator: a provider that lists its models to whoever has the key. */
async function openGate(product: Product, options: { list?: boolean } = {}) {
  const gate = { url: "", lists: 0, async [Symbol.asyncDispose]() {} };
  const server = await serveHttp((request, response) => {
    if (request.headers.authorization !== `Bearer ${apiKey}`) {
      response.writeHead(401, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { message: `Incorrect API key provided: ${apiKey.slice(0, 3)}`, code: "invalid_api_key" } }));
    } else if (request.method === "GET") {
      gate.lists++;
      response.writeHead(options.list === false ? 404 : 200, { "content-type": "application/json" });
      response.end(
        JSON.stringify({ data: ["big-one", "little-one", "gpt-5", "gpt-5-mini"].map((id) => ({ id, context_length: 64_000 })) }),
      );
    } else {
      const { url, headers } = request;
      const onward = http.request(`${product.simulator.url}${url}`, { method: "POST", headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      request.pipe(onward);
    }
  });
  gate.url = `${server.url}/v1`;
  gate[Symbol.asyncDispose] = () => server.close();
  return gate;
}

async function firstRun(
  env: (gate: string) => Record<string, string>,
  run: (tty: Pty, product: Product, gate: { lists: number; url: string }) => Promise<void>,
) {
  await using product = await openProduct();
  await using gate = await openGate(product);
  fs.rmSync(path.join(product.root, "config", "crush"), { recursive: true });
  const tty = openPty(product, [], { env: env(gate.url) });
  await run(tty, product, gate);
}
const dataFile = (product: Product): string => path.join(product.root, "data", "crush", "crush.json");

/** The landing page names variables, too: this is a row of the list. */
const listed = /OpenAI {3,}OPENAI_API_KEY/;

describe.concurrent("the first run", () => {
  test("leads from nothing to a provider's answer in three steps, and the key is nowhere but in its file", () =>
    firstRun(
      (gate) => ({ OPENAI_BASE_URL: gate }),
      async (tty, product, gate) => {
        play(product, { text: "hello from the provider" });
        let steps = 0;
        const step = (text: string): void => {
          steps++;
          tty.type(`${text}\r`);
        };
        await tty.shows("Press enter to connect one");
        tty.type("\r");
        await tty.shows(listed);
        step("openai");
        await tty.shows("paste it; it is not shown");
        step(`\x1b[200~${apiKey}\n\x1b[201~`);
        await tty.shows("OpenAI is connected");
        step("say hello");
        await tty.shows("hello from the provider");
        expect(steps).toBe(3);
        expect(gate.lists).toBeGreaterThan(0);
        expect(product.simulator.seen[0]!.body.model).toBe("gpt-5");
        expect(fs.statSync(dataFile(product)).mode & 0o777).toBe(0o600);
        expect(JSON.parse(fs.readFileSync(dataFile(product), "utf8"))).toMatchObject({ providers: { openai: { api_key: apiKey } } });
        expect(tty.output().toString()).not.toContain(apiKey.slice(4));
        expect(fs.readFileSync(path.join(product.dataDir, "logs", "crush.log"), "utf8")).not.toContain(apiKey);
      },
    ));

  test("a key that is refused is not kept, and the right one is taken after it", () =>
    firstRun(
      (gate) => ({ OPENAI_BASE_URL: gate }),
      async (tty, product) => {
        await tty.shows("Press enter to connect one");
        tty.type("/connect\r");
        await tty.shows(listed);
        tty.type("openai\r");
        await tty.shows("paste it");
        tty.type("sk-wrong\r");
        await tty.shows("HTTP 401");
        expect(fs.existsSync(dataFile(product))).toBe(false);
        tty.type(`\x15${apiKey}\r`);
        await tty.shows("OpenAI is connected");
      },
    ));

  test("another server needs its address only; one that does not answer is kept when enter says so again", () =>
    firstRun(
      () => ({}),
      async (tty, product, gate) => {
        play(product, { text: "an answer from there" });
        await tty.shows("Press enter to connect one");
        tty.type("\r");
        await tty.shows(listed);
        tty.type("another server");
        await tty.shows("Another server…");
        tty.type("\r");
        await tty.shows("http://127.0.0.1:8080/v1");
        tty.type("http://127.0.0.1:9/v1\r\r");
        await tty.shows("Enter again keeps it all the same");
        expect(fs.existsSync(dataFile(product))).toBe(false);
        tty.type(`\t\x15${gate.url}\r${apiKey}\r`);
        await tty.shows("is connected");
        await tty.shows("big-one");
        tty.type("little\r");
        await tty.hides("enter chooses");
        tty.type("say hello\r");
        await tty.shows("an answer from there");
        expect(product.simulator.seen[0]!.body.model).toBe("little-one");
        const { providers, models } = JSON.parse(fs.readFileSync(dataFile(product), "utf8")) as Record<
          string,
          Record<string, { model?: string }>
        >;
        expect(Object.values(providers!)).toEqual([
          expect.objectContaining({ type: "openai-compat", base_url: gate.url, api_key: apiKey }),
        ]);
        expect(models!.large!.model).toBe("little-one");
      },
    ));
});
