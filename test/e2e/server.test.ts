import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { connect } from "../../src/sdk/node.ts";
import { apiKey, openProduct, type Product, until } from "../support/product.ts";

let product: Product;
beforeEach(async () => {
  product = await openProduct();
});
afterEach(() => product[Symbol.asyncDispose]());

const servers = () => product.processes().filter(({ command }) => command.includes("serve.mjs"));

test("clients that find no server start one: of several at once a single server stays, and all are served", async () => {
  product.simulator.play({ text: "ok" });
  const results = await Promise.all(Array.from({ length: 5 }, () => product.run(["run", "hi"])));
  expect(results.map(({ code, stdout, stderr }) => ({ code, stdout, stderr }))).toEqual(
    results.map(() => ({ code: 0, stdout: "ok\n", stderr: "" })),
  );
  await until(() => servers().length === 1);
  expect(servers()[0]?.pid).toBe(product.discovery()?.pid);
});

test("a server that `run` started ends some seconds after it and leaves no process, socket or discovery file behind", async () => {
  product.simulator.play({ text: "ok" });
  expect((await product.run(["run", "hi"])).code).toBe(0);
  const { socket } = product.discovery()!;
  expect(product.processes()).toHaveLength(1);
  await until(() => product.processes().length === 0);
  expect(product.discovery()).toBeUndefined();
  expect(fs.existsSync(socket)).toBe(false);
});

test("server stop ends it and waits for that; status says so with exit code 1; stop again is fine", async () => {
  await product.serve();
  expect(JSON.parse((await product.run(["server", "status", "--json"])).stdout)).toMatchObject({
    running: true,
    pid: product.discovery()!.pid,
  });
  expect(await product.run(["server", "stop"])).toMatchObject({ code: 0, stdout: "stopped\n" });
  expect(product.processes()).toEqual([]);
  expect(await product.run(["server", "status"])).toMatchObject({ code: 1, stdout: "no server is running\n" });
  expect(await product.run(["server", "stop"])).toMatchObject({ code: 0, stdout: "no server is running\n" });
});

test("a run whose server is killed starts it again, goes on with the turn and ends well", async () => {
  product.simulator.play({ words: 300, rate: 50 }, { text: "After all." });
  const running = product.start(["run", "--format", "stream-json", "hi"]);
  await running.prints('"text"');
  process.kill(product.discovery()!.pid, "SIGKILL");
  const { code, stdout } = await running.ended;
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; text?: string; exitCode?: number });
  expect(code).toBe(0);
  expect(lines.filter(({ type }) => type === "resume")).toHaveLength(1);
  expect(lines.at(-1)).toMatchObject({ type: "result", status: "ok", text: "After all." });
  // The model is asked again without what was cut off, and with the prompt once.
  expect(product.simulator.seen.at(-1)?.body.messages.filter(({ role }) => role !== "system")).toEqual([{ role: "user", content: "hi" }]);
});

test("a client without the server's runtime directory (ssh, cron) finds it all the same, also after a kill that left files behind", async () => {
  product.simulator.play({ text: "found" });
  const [here, elsewhere] = [{ env: {} }, { env: { XDG_RUNTIME_DIR: undefined } }];
  await product.serve();
  expect(await product.run(["run", "hi"], elsewhere)).toMatchObject({ code: 0, stdout: "found\n" });
  expect(servers()).toHaveLength(1);
  process.kill(servers()[0]!.pid, "SIGKILL");
  // Now the server's runtime directory is the other one, and the first one holds a stale file.
  expect(await product.run(["run", "hi"], elsewhere)).toMatchObject({ code: 0, stdout: "found\n" });
  expect(await product.run(["run", "hi"], here)).toMatchObject({ code: 0, stdout: "found\n" });
  expect(servers()).toHaveLength(1);
  expect((await product.run(["server", "stop"], here)).code).toBe(0);
  expect(servers()).toEqual([]);
});

test("the runtime directory, the discovery file and the database are for their owner only", async () => {
  await product.serve();
  await product.run(["run", "hi"]);
  const { socket } = product.discovery()!;
  const mode = (file: string) => (fs.statSync(file).mode & 0o777).toString(8);
  expect(mode(path.dirname(socket))).toBe("700");
  expect(mode(path.join(path.dirname(socket), "server.json"))).toBe("600");
  expect(mode(path.join(product.dataDir, "server.json"))).toBe("600");
  expect(mode(product.dataDir)).toBe("700");
});

test("TCP: no or a wrong token, a browser's Origin and a foreign Host are refused, the right token works for the SDK and for `run -H`", async () => {
  const running = product.start(["server", "--listen", "127.0.0.1:0"]);
  await running.prints("token in");
  const { tcp, token } = product.discovery()!;
  const url = `ws://127.0.0.1:${tcp!.port}/v1`;
  const refusal = (headers: Record<string, string>, protocol = "crush.v1.json") =>
    new Promise<string>((resolve) => {
      const socket = new WebSocket(url, protocol, { headers });
      socket.on("unexpected-response", (_, answer) => resolve(`status ${answer.statusCode}`));
      socket.on("error", () => {});
      socket.on("open", () =>
        socket.send(JSON.stringify({ type: "hello", protocol: 1, client: { name: "x", version: "1" }, capabilities: [] })),
      );
      socket.on("message", (data) => resolve(`message ${String(data).slice(0, 40)}`));
      socket.on("close", (code) => resolve(`close ${code}`));
    });
  expect(await refusal({})).toMatch(/^(close 1008|status 401)$/);
  expect(await refusal({ authorization: "Bearer wrong" })).toMatch(/^(close 1008|status 401)$/);
  expect(await refusal({ authorization: `Bearer ${token}`, origin: "https://evil.example" })).toBe("status 403");
  expect(await refusal({ authorization: `Bearer ${token}`, host: "evil.example" })).toMatch(/^status (403|421)$/);

  const client = connect({ url, token, client: { name: "test", version: "1" }, reconnect: false });
  expect((await client.request("server.status", {})).version).toBeTruthy();
  await client.close();
  const wrong = connect({ url, token: `${token}x`, client: { name: "test", version: "1" }, reconnect: false });
  await expect(wrong.ready).rejects.toMatchObject({ code: "refused" });

  product.simulator.play({ text: "over TCP" });
  const host = ["-H", `tcp://127.0.0.1:${tcp!.port}`];
  const ran = await product.run(["run", ...host, "hi"], { env: { CRUSH_TOKEN: token } });
  expect(ran).toMatchObject({ code: 0, stdout: "over TCP\n" });
  expect(await product.run(["run", ...host, "hi"])).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("token") });

  // Whatever was written down anywhere holds neither the token nor the key.
  const written = allFiles(product.root).filter((file) => path.basename(file) !== "server.json");
  expect(written.some((file) => file.endsWith("crush.log"))).toBe(true);
  for (const file of written) {
    const content = fs.readFileSync(file, "latin1");
    expect({ file, token: content.includes(token), key: content.includes(apiKey) }).toEqual({ file, token: false, key: false });
  }
  running.child.kill("SIGTERM");
  expect((await running.ended).stdout).not.toContain(token);
});

function allFiles(directory: string): string[] {
  return fs
    .readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}
