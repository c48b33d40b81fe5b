import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { openCatalogueKeeper } from "../../src/cli/serve/catalogue-keeper.ts";
import { openConfigSource } from "../../src/cli/serve/config-source.ts";
import { serveHttp } from "../support/http-server.ts";
import { until } from "../support/product.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

async function rig() {
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), "keeper-"));
  const seen = { asked: 0 };
  const server = await serveHttp((_, response) => {
    seen.asked++;
    response.setHeader("etag", '"e"');
    response.end(JSON.stringify([{ id: "openai", models: [{ id: "gpt-9" }] }]));
  });
  return {
    dataDir,
    seen,
    env: { CATWALK_URL: server.url },
    async [Symbol.asyncDispose]() {
      await server.close();
      fs.rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

test("the catalogue is looked for once a day by a server that has been up for a while, and never by one that just started", async () => {
  await using it = await rig();
  const { dataDir, env, seen } = it;
  let changes = 0;
  let up = 1;
  const open = () => openCatalogueKeeper({ dataDir, log: quiet, changed: () => changes++, uptime: () => up });
  const keeper = open();
  keeper.refreshSoon(env);
  up = 3_600;
  keeper.refreshSoon(env);
  keeper.refreshSoon(env);
  await until(() => changes === 1);
  expect(seen.asked).toBe(1);
  expect((await keeper.saved())?.providers.openai).toMatchObject([{ model: "gpt-9" }]);
  // Another server on the same data finds it fresh.
  const next = open();
  next.refreshSoon(env);
  expect((await next.saved())?.etag).toBe('"e"');
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(seen.asked).toBe(1);
  // A day later it is asked again.
  const file = path.join(dataDir, "catalogue.json");
  const saved = JSON.parse(fs.readFileSync(file, "utf8")) as object;
  fs.writeFileSync(file, JSON.stringify({ ...saved, at: Date.now() - 25 * 3_600_000 }));
  open().refreshSoon(env);
  await until(() => seen.asked === 2);
});

test("a running server looks for it when a configuration is used again, unless that forbids it; new models count from then on", async () => {
  await using it = await rig();
  const { dataDir, seen } = it;
  const workspace = path.join(dataDir, "work");
  fs.mkdirSync(workspace);
  const uptime = process.uptime;
  process.uptime = () => 3_600;
  try {
    const source = openConfigSource({ dataDir, log: quiet });
    const request = (more: Record<string, string>) => ({
      workspace,
      env: { HOME: workspace, XDG_CONFIG_HOME: workspace, OPENAI_API_KEY: "k", ...it.env, ...more },
    });
    await source.load(request({ CRUSH_DISABLE_PROVIDER_AUTO_UPDATE: "1" }));
    await source.stamp(request({}));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen.asked).toBe(0);
    const models = async () => (await source.load(request({}))).providers[0]!.models.map(({ model }) => model);
    expect(await models()).not.toContain("gpt-9");
    const before = await source.stamp(request({}));
    await until(async () => (await source.stamp(request({}))) !== before);
    expect(await models()).toContain("gpt-9");
  } finally {
    process.uptime = uptime;
  }
});
