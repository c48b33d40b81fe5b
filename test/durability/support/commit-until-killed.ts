// A process of its own: commits events for ever through the real client and writer, and prints each acknowledgement after it came.
//   node commit-until-killed.ts <database> <round> <sessions> [<messages>]   with messages it ends by itself after so many a session
import fs from "node:fs";
import type { NewEvent } from "../../../src/contracts/store.ts";
import { openStore } from "../../../src/store/client.ts";
import { openWriter } from "../../../src/store/writer.ts";
import { newSession, noUsage } from "../../support/session-row.ts";

const [path = "", round = "0", sessions = "1", messages = "Infinity"] = process.argv.slice(2);
const writer = openWriter(path);
const store = openStore({ run: async (batch) => writer.commit(batch) });
// The index goes on between batches, as on the writer's thread, so that a kill hits it too.
const indexing = setInterval(() => writer.idle(), 1);

async function prompt(session: string): Promise<void> {
  const created: NewEvent = {
    session,
    kind: "session.created",
    data: { session: newSession(session) },
  };
  const ack = (lines: string[]) => fs.writeSync(1, lines.map((line) => `${line}\n`).join(""));
  ack((await store.commit([created])).map(({ seq }) => `${session} ${seq} session`));
  for (let n = 0; n < Number(messages); n++) {
    const id = `${session}-${n}`;
    const told = await store.commit([
      { session, kind: "message.created", data: { message: { id, session, turn: "t", role: "assistant", createdAt: 1, parts: [] } } },
    ]);
    ack([`${session} ${told[0]!.seq} ${id}`]);
    for (let offset = 0; offset < 30; offset += 10)
      store.stream({ session, message: id, part: "p", index: 0, kind: "text", offset, text: "0123456789" });
    const ended = await store.commit([
      {
        session,
        kind: "part.finished",
        data: { message: id, part: { id: "p", index: 0, kind: "text", text: `whole ${id} ${"x".repeat(n % 3_000)}` } },
      },
      {
        session,
        kind: "message.finished",
        data: {
          message: {
            id,
            session,
            turn: "t",
            role: "assistant",
            createdAt: 1,
            finishedAt: 2,
            finish: "end_turn",
            usage: noUsage,
            parts: [],
          },
        },
      },
    ]);
    ack(ended.map(({ seq }) => `${session} ${seq} ${id}`));
  }
}

await Promise.all(Array.from({ length: Number(sessions) }, (_, n) => prompt(`r${round}s${n}`)));
clearInterval(indexing);
