// Embeds the core in 30 lines: asks one question in this directory and prints the answer as it streams.
//   node src/sdk/example.ts <path of server.json> "What is this project?"
import fs from "node:fs";
import type { Discovery } from "../protocol/index.ts";
import { connect } from "./node.ts";

const [discoveryFile, question = "What is this project?"] = process.argv.slice(2);
const { socket, token } = JSON.parse(fs.readFileSync(discoveryFile!, "utf8")) as Discovery;
const client = connect({ socket, token, client: { name: "example", version: "1" } });

const { session } = await client.request("session.create", { workspace: process.cwd() });
const ended = Promise.withResolvers<string>();
client.subscribe(session.id, {
  after: 0,
  onDelta: ({ kind, text }) => void (kind === "text" && process.stdout.write(text)),
  onEvent(event) {
    if (event.kind === "permission.asked") {
      const { id: permission, title } = event.data.permission;
      console.error(`denied: ${title}`);
      void client.request("permission.resolve", { permission, decision: "deny", message: "This program only reads." });
    }
    if (event.kind === "turn.completed") ended.resolve(event.data.turn.status);
  },
  onError: ended.reject,
});
await client.request("session.prompt", { session: session.id, text: question });
const status = await ended.promise;
console.log(`\n(${status})`);
await client.close();
process.exitCode = status === "ok" ? 0 : 1;
