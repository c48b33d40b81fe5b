import { expect, test } from "vitest";
import { connect } from "../../src/sdk/node.ts";
import { startServer, until } from "../server/support.ts";

const disconnects = 500;

test("over 500 disconnects at random moments two subscribers get every event once and in order", { timeout: 60_000 }, async () => {
  await using server = await startServer();
  const { coordinator } = server;
  const seen: Record<string, number[]> = { msgpack: [], json: [] };
  const clients = Object.keys(seen).map((name) => {
    const client = connect({
      socket: server.socket!,
      client: { name, version: "1" },
      json: name === "json",
      reconnect: { firstMs: 1, maxMs: 2 },
    });
    client.subscribe("s", { after: 0, onEvent: ({ seq }) => seen[name]!.push(seq) });
    return client;
  });
  let cuts = 0;
  let written = 0;
  while (cuts < disconnects) {
    // Bursts, so that cuts fall into replays, between frames and within them.
    for (let i = Math.floor(Math.random() * 30); i >= 0; i--) {
      coordinator.append("s", "x".repeat(Math.floor(Math.random() * 2_000)));
      written++;
    }
    if (Math.random() < 0.5) await new Promise((resolve) => setImmediate(resolve));
    else await new Promise((resolve) => setTimeout(resolve, Math.random() * 2));
    for (const peer of coordinator.peers) {
      if (Math.random() < 0.5) continue;
      const { socket } = peer as unknown as { socket: { destroy(): void; end(): void } };
      if (Math.random() < 0.5) socket.destroy();
      else socket.end();
      cuts++;
    }
  }
  coordinator.append("s", "the last");
  written++;
  await until(() => Object.values(seen).every((seqs) => (seqs.at(-1) ?? 0) >= written));
  const all = Array.from({ length: written }, (_, i) => i + 1);
  for (const seqs of Object.values(seen)) expect(seqs).toEqual(all);
  await Promise.all(clients.map((client) => client.close()));
});
