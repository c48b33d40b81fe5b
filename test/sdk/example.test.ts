import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { Permission, Turn } from "../../src/protocol/index.ts";
import { ownerToken, startServer } from "../server/support.ts";

test("the embedding example asks, streams the answer, denies what is asked for, and ends with the turn", async () => {
  await using server = await startServer();
  const { coordinator } = server;
  coordinator.handle["session.create"] = () => ({ session: { id: "s" } as never, notices: [] });
  coordinator.handle["session.prompt"] = ({ text }) => {
    setImmediate(() => {
      coordinator.delta("s", `You asked: ${text}`);
      coordinator.commit("s", { kind: "permission.asked", data: { permission: { id: "p1", title: "rm -rf /" } as Permission } });
    });
    return { turn: "t", message: "m", queued: false };
  };
  coordinator.handle["permission.resolve"] = ({ permission, decision }) => {
    coordinator.commit("s", { kind: "turn.completed", data: { turn: { id: "t", status: "ok" } as Turn } });
    return { permission: { id: permission, state: decision } };
  };
  const discovery = path.join(server.dir, "server.json");
  fs.writeFileSync(discovery, JSON.stringify({ socket: server.socket, token: ownerToken }));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["src/sdk/example.ts", discovery, "why?"]);
  expect(stdout).toBe("You asked: why?\n(ok)\n");
  expect(stderr).toContain("denied: rm -rf /");
  expect(coordinator.calls.find(({ method }) => method === "permission.resolve")!.params).toMatchObject({ decision: "deny" });
});

test("the example is no longer than it says", () => {
  const lines = fs.readFileSync("src/sdk/example.ts", "utf8").split("\n");
  const code = lines.filter((line) => line.trim() !== "" && !line.startsWith("//"));
  expect(code.length).toBeLessThanOrEqual(30);
});
