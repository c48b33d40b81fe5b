import { expect, test } from "vitest";
import type { ProviderInfo, SearchHit } from "../../src/protocol/index.ts";
import { gpt, session, Stage } from "./support.ts";

// Dialogs for models, sessions and providers.

const mini = {
  ...gpt,
  model: "gpt-5-mini",
  name: "GPT-5 mini",
  contextWindow: 1_000_000,
  price: { input: 0.25, output: 2, cacheRead: 0, cacheWrite: 0 },
};
const sonnet = { ...gpt, provider: "anthropic", providerName: "Anthropic", model: "sonnet", name: "Sonnet", canReason: false };
const list = { models: [gpt, mini, sonnet], large: { provider: "openai", model: "gpt-5" }, notices: [], demo: false };
const openai: ProviderInfo = {
  id: "openai",
  name: "OpenAI",
  ready: false,
  models: 0,
  needsKey: true,
  keyVariable: "OPENAI_API_KEY",
  baseUrl: "https://api.openai.com/v1",
};
const providers = (more: Partial<ProviderInfo> = {}) => ({
  providers: [{ ...openai, ...more }],
  recent: { large: [{ provider: "anthropic", model: "sonnet" }], small: [] },
  effort: { large: "high" as const },
  file: "/home/me/.local/share/crush/crush.json",
});
const asked = (stage: Stage, method: string) => stage.host.requests.filter((each) => each.method === method).map(({ params }) => params);

test("models: those chosen before first, then by provider; size, price and how hard it thinks; the choice is kept", async () => {
  const stage = new Stage({
    cols: 110,
    rows: 30,
    replies: { "model.list": () => list, "provider.list": () => providers(), "model.choose": () => ({}) },
  });
  await stage.settle();
  const screen = await stage.type("\x0c");
  const order = ["Recent", "Sonnet  Anthropic", "OpenAI", "• GPT-5 ", "GPT-5 mini", "Anthropic", "Sonnet"];
  let at = 0;
  for (const words of order) {
    at = screen.indexOf(words, at);
    expect(at, `${words} in\n${screen}`).toBeGreaterThan(0);
    at += words.length;
  }
  expect(screen).toMatch(/GPT-5 .*thinks: high +\$1\/\$1 +100K/);
  expect(screen).toMatch(/GPT-5 mini .*thinks +\$0\.25\/\$2 +1M/);
  await stage.type("\x1b[D"); // what answers now is chosen first: it thinks less hard
  expect(stage.surface.screen).toContain("thinks: medium");
  await stage.type("\r");
  expect(asked(stage, "model.choose")).toEqual([
    { workspace: "/home/me/project", model: { provider: "openai", model: "gpt-5" }, kind: "large", effort: "medium" },
  ]);
});

test("models: tab changes to the small one; chosen without a word about effort, what was said of it stays", async () => {
  const stage = new Stage({
    replies: { "model.list": () => list, "provider.list": () => providers(), "model.choose": () => ({}) },
  });
  await stage.settle();
  await stage.type("\x0c");
  await stage.type("\tmini");
  await stage.type("\r");
  expect(asked(stage, "model.choose")).toEqual([
    { workspace: "/home/me/project", model: { provider: "openai", model: "gpt-5-mini" }, kind: "small" },
  ]);
});

test("providers: a pasted key finds its provider, is never shown, and a refusal says why and keeps nothing", async () => {
  let saved = false;
  const stage = new Stage({
    replies: {
      "model.list": () => ({ ...list, models: [], demo: true }),
      "provider.list": () => providers(),
      "provider.connect": ({ apiKey }) => {
        saved = apiKey === "sk-proj-right";
        return { saved, provider: "openai", name: "OpenAI", ...(saved ? {} : { problem: "OpenAI (HTTP 401): the key was not accepted" }) };
      },
    },
  });
  await stage.settle();
  await stage.type("\r"); // nothing is typed, and no model is connected
  const screen = await stage.type("\x1b[200~sk-proj-wrong\x1b[201~");
  expect(screen).toContain("•••••••••••••");
  expect(screen).not.toContain("sk-proj");
  expect(await stage.type("\r")).toContain("HTTP 401");
  expect(saved).toBe(false);
  await stage.type("\x15sk-proj-right\r");
  expect(saved).toBe(true);
  expect(stage.surface.screen).not.toContain("sk-proj");
  expect(JSON.stringify(stage.view.state())).not.toContain("sk-proj");
});

test("providers: one that does not answer is kept only by a second enter", async () => {
  const stage = new Stage({
    replies: {
      "provider.list": () => providers(),
      "provider.connect": ({ force }) => ({
        saved: force === true,
        provider: "openai",
        name: "OpenAI",
        ...(force ? {} : { problem: "OpenAI does not answer", forcible: true }),
      }),
    },
  });
  await stage.settle();
  await stage.type("/connect");
  await stage.type("\r");
  await stage.type("\r");
  await stage.type("key");
  expect(await stage.type("\r")).toContain("Enter again keeps it");
  await stage.type("x"); // another key is another question
  expect(await stage.type("\r")).toContain("Enter again keeps it");
  await stage.type("\r");
  expect(asked(stage, "provider.connect").map((each) => (each as { force?: boolean }).force)).toEqual([undefined, undefined, true]);
});

test("sessions: those that run first; what was said finds one whose title says nothing; a late answer to an older question is dropped", async () => {
  const hits = new Map<string, (hits: SearchHit[]) => void>();
  const stage = new Stage({
    replies: {
      "session.list": () => ({
        sessions: [session({ id: "a", title: "Older thing" }), session({ id: "b", title: "Busy thing", status: "running" })],
      }),
      "session.search": ({ query }) => new Promise((resolve) => hits.set(query, (found) => resolve({ hits: found, complete: true }))),
    },
  });
  await stage.settle();
  let screen = await stage.type("\x13");
  expect(screen).toMatch(/Running[\s\S]*Busy thing[\s\S]*running[\s\S]*Earlier[\s\S]*Older thing/);
  await stage.type("zeb");
  await stage.type("ra");
  const hit = (id: string, text: string): SearchHit => ({
    session: id,
    hash: "1234567890",
    title: "A plain title",
    workspace: "/home/me/project",
    message: "m",
    seq: 1,
    role: "user",
    createdAt: 1,
    snippet: { text, marks: [] },
  });
  hits.get("zebra")!([hit("c", "the zebra crossed")]);
  hits.get("zeb")!([hit("d", "an older answer")]);
  screen = await stage.settle();
  expect(screen).toMatch(/Said in[\s\S]*A plain title {2}the zebra crossed/);
  expect(screen).not.toContain("an older answer");
});

test("the session list filters, renames, deletes only after y, and opens", async () => {
  const sessions = [session({ id: "s1", title: "Parser work" }), session({ id: "s2", hash: "1234567", title: "Docs" })];
  const stage = new Stage({
    session: "s1",
    replies: {
      "session.list": () => ({ sessions }),
      "session.rename": ({ title }) => ({ session: session({ title }) }),
      "session.delete": () => ({}),
    },
  });
  await stage.settle();
  expect(await stage.type("\x13")).toContain("Docs");
  expect(await stage.type("doc")).not.toContain("Parser work  ");
  await stage.type("\x18");
  expect(stage.paint()).toContain('Delete "Docs"? y/n');
  await stage.type("n");
  expect(stage.host.of("session.delete")).toEqual([]);
  await stage.type("\x18y");
  expect(stage.host.of("session.delete")).toEqual([{ session: "s2" }]);
  await stage.type("\x12\x15New name\r");
  expect(stage.host.of("session.rename")).toEqual([{ session: "s2", title: "New name" }]);
  await stage.type("\r");
  expect(stage.host.of("screen.show")).toEqual([{ screen: 7, session: "s2" }]);
});

test("the model list sets the model of the session", async () => {
  const stage = new Stage({
    session: "s1",
    replies: { "session.setModel": () => ({ session: session({ model: { provider: "openai", model: "gpt-5" } }) }) },
  });
  await stage.settle();
  await stage.type("\x0c");
  expect(stage.paint()).toContain("OpenAI");
  await stage.type("\t\r");
  expect(stage.host.of("session.setModel")).toEqual([{ session: "s1", model: { provider: "openai", model: "gpt-5" }, kind: "small" }]);
});
