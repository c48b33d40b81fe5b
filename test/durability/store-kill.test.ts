import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import { openQueries } from "../../src/store/queries/queries.ts";
import { openSearch } from "../../src/store/queries/search.ts";
import { openWriter } from "../../src/store/writer.ts";

const child = path.join(path.dirname(fileURLToPath(import.meta.url)), "support/commit-until-killed.ts");
const rounds = 6;
const sessions = 4;

test(`killed with -9 at ${rounds} random moments, every acknowledged event is there, in order, and the file is sound`, async () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "crush-kill-"));
  onTestFinished(() => fs.rmSync(dir, { recursive: true, force: true }));
  const database = path.join(dir, "crush.db");
  let acknowledged = 0;
  let behind = 0;
  for (let round = 0; round < rounds; round++) {
    const writer = spawn(process.execPath, [child, database, String(round), String(sessions)], { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    writer.stdout.setEncoding("utf8").on("data", (data: string) => {
      // The first acknowledgement starts the clock, so that the kill hits work and not the start of node.
      if (output === "") setTimeout(() => writer.kill("SIGKILL"), 20 + Math.random() * 250);
      output += data;
    });
    await once(writer, "close");
    expect(writer.signalCode).toBe("SIGKILL");

    const queries = openQueries(database);
    expect(queries.integrity()).toEqual([]);
    const acks = output
      .split("\n")
      .slice(0, -1)
      .map((line) => line.split(" ") as [string, string, string]);
    const highest = new Map<string, number>();
    for (const [session, seq, id] of acks) {
      acknowledged++;
      const told = queries.events(session, Number(seq) - 1, 1)[0];
      expect(told?.seq).toBe(Number(seq));
      if (told?.kind === "part.finished")
        expect(told.data).toMatchObject({ message: id, part: { text: expect.stringMatching(`^whole ${id} `) } });
      else if (told?.kind === "message.created" || told?.kind === "message.finished") expect(told.data.message.id).toBe(id);
      else expect(told?.kind).toBe("session.created");
      expect(Number(seq)).toBe((highest.get(session) ?? 0) + 1);
      highest.set(session, Number(seq));
    }
    // A message that has its end has its text: the two were committed together.
    for (let n = 0; n < sessions; n++)
      for (const message of queries.conversation(`r${round}s${n}`, { limit: 10_000 }))
        expect(message.parts.map((part) => part.kind === "text" && !part.incomplete)).toEqual(
          message.finish ? [true] : message.parts.map(() => false),
        );
    queries.close();

    // The index goes on where it was: every message that was finished is in it, once.
    const search = openSearch(database);
    const before = search.search("whole", 1).complete;
    const again = openWriter(database);
    while (again.idle());
    again.close();
    expect(search.search("whole", 1).complete).toBe(true);
    search.close();
    const db = new Database(database, { readonly: true });
    const { finished } = db.prepare("SELECT count(*) AS finished FROM messages WHERE finished_at IS NOT NULL").get() as {
      finished: number;
    };
    const words = db.prepare("SELECT count(*) AS n FROM search WHERE search MATCH 'whole'").get() as { n: number };
    db.close();
    expect([round, words.n]).toEqual([round, finished]);
    behind += before ? 0 : 1;
  }
  expect(behind).toBeGreaterThan(0); // else no kill came while something waited to be indexed
  expect(acknowledged).toBeGreaterThan(rounds * 10);
}, 60_000);
