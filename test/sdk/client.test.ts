import { expect, test } from "vitest";
import { connect } from "../../src/sdk/node.ts";
import { startServer, until } from "../server/support.ts";

const who = { name: "sdk-test", version: "1" };

test("requests made before the welcome are answered", async () => {
  await using server = await startServer();
  const client = connect({ socket: server.socket!, client: who });
  const [list, prompt] = await Promise.all([
    client.request("session.list", {}),
    client.request("session.prompt", { session: "s", text: "hi" }),
  ]);
  expect(list).toEqual({ sessions: [] });
  expect(prompt.turn).toBe("t1");
  expect((await client.ready).epoch).toBe("epoch-1");
  await client.close();
  await until(() => server.clients() === 0);
});
