import { spawnSync } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { ownerToken, startServer, until } from "./support.ts";

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

/** A key and a certificate for 127.0.0.1 that live as long as the test. */
function certificate(): { cert: string; key: string } {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "crush-tls-"));
  try {
    const [key, cert] = [path.join(dir, "key.pem"), path.join(dir, "cert.pem")];
    const made = spawnSync("openssl", [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-keyout",
      key,
      "-out",
      cert,
      "-days",
      "1",
      "-subj",
      "/CN=127.0.0.1",
      "-addext",
      "subjectAltName=IP:127.0.0.1",
    ]);
    if (made.status !== 0) throw new Error(made.stderr.toString());
    return { key: fs.readFileSync(key, "utf8"), cert: fs.readFileSync(cert, "utf8") };
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

test.skipIf(!hasOpenssl)(
  "with a certificate it listens off loopback, speaks TLS only, and the token rules stay (needs openssl)",
  async () => {
    const tls = certificate();
    await using server = await startServer({ tcp: { host: "0.0.0.0", port: 0, tls }, limits: { helloTimeoutMs: 2_000 } });
    const { port } = server.tcp!;
    expect(server.tcp!.tls).toBe(true);
    const open = (headers: Record<string, string>) =>
      new Promise<string>((resolve) => {
        const ws = new WebSocket(`wss://127.0.0.1:${port}/v1`, "crush.v1.json", { ca: tls.cert, headers, perMessageDeflate: false });
        ws.on("open", () => ws.send(JSON.stringify({ type: "hello", protocol: 1, client: { name: "t", version: "1" } })));
        ws.on("message", (data) => {
          resolve((JSON.parse(data.toString()) as { type: string }).type);
          ws.terminate();
        });
        ws.on("close", (code) => resolve(String(code)));
        ws.on("error", (error) => resolve(error.message));
      });
    expect(await open({ Authorization: `Bearer ${ownerToken}` })).toBe("welcome");
    expect(await open({ Authorization: "Bearer wrong" })).toContain("401");
    expect(await open({})).toBe("1008");
    expect(await open({ Authorization: `Bearer ${ownerToken}`, Origin: "https://evil.example" })).toContain("403");
    expect(await open({ Authorization: `Bearer ${ownerToken}`, Host: `evil.example:${port}` })).toContain("403");
    const plain = await new Promise<string>((resolve) => {
      let got = "";
      const socket = net.connect(port, "127.0.0.1", () => socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"));
      socket.on("data", (data) => (got += data.toString()));
      socket.on("error", () => {});
      socket.on("close", () => resolve(got));
    });
    expect(plain).not.toContain("200");
    await until(() => server.clients() === 0 && server.halfOpen() === 0);
  },
);
