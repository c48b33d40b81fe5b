import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { timeRig } from "./support/time.ts";

const names = ["a.txt", "b.txt", "dir/c.txt", "dir/d.txt"];
type Death = (rows: string[]) => "before" | "after" | undefined;

/** Two turns, then a server that dies within the undo of the second one, `meanwhile`, and the next server. */
async function crash(death: Death, meanwhile: (at: (name: string) => string) => void = () => {}, redo = false) {
  let armed = false;
  const rig = await timeRig({ dies: (rows) => (armed ? death(rows) : undefined) });
  const at = (name: string): string => path.join(rig.workspace, name);
  await rig.turn(async (files) => {
    for (const name of names.slice(0, 3)) await files.write(at(name), `one ${name}`);
  });
  await rig.turn(async (files) => {
    for (const name of names) await files.write(at(name), `two ${name}`);
  });
  if (redo) await rig.h.request("session.undo", { session: rig.session });
  armed = true;
  const never = rig.h.request(redo ? "session.redo" : "session.undo", { session: rig.session });
  const answered = await Promise.race([never.then(() => true), new Promise<false>((resolve) => setTimeout(() => resolve(false), 300))]);
  expect(answered).toBe(false);
  rig.kill();
  meanwhile(at);
  const next = await timeRig({ root: rig.root, session: rig.session });
  const read = () => names.map((name) => (fs.existsSync(at(name)) ? fs.readFileSync(at(name), "utf8") : undefined));
  const { messages } = await next.h.request("session.messages", { session: rig.session });
  return { rig: next, at, read, undone: messages.filter(({ undone }) => undone).length };
}

const first = names.map((name, at) => (at < 3 ? `one ${name}` : undefined));
const second = names.map((name) => `two ${name}`);

test("killed before the journal is on disk, nothing has happened", async () => {
  const { rig, read, undone } = await crash((rows) => (rows.includes("undo") ? "before" : undefined));
  expect([read(), undone]).toEqual([second, 0]);
  await rig.h.request("session.undo", { session: rig.session });
  expect(read()).toEqual(first);
  await rig.close();
});

for (const [when, death] of [
  ["with the journal on disk and no file touched", (rows) => (rows.includes("undo") ? "after" : undefined)],
  ["with all files put and the turn not told", (rows) => (rows.includes("turn.undone") ? "before" : undefined)],
  ["with the turn told and the journal open", (rows) => (rows.includes("undone") ? "before" : undefined)],
] as [string, Death][])
  test(`killed ${when}, the next server finishes the undo, and it can be redone`, async () => {
    const { rig, read, undone } = await crash(death);
    expect([read(), undone]).toEqual([first, 4]);
    await rig.h.request("session.redo", { session: rig.session });
    expect(read()).toEqual(second);
    await rig.close();
  });

test("killed in the middle of a redo, the next server finishes the redo", async () => {
  const { rig, read, undone } = await crash((rows) => (rows.includes("undo") ? "after" : undefined), undefined, true);
  expect([read(), undone]).toEqual([second, 0]);
  await rig.close();
});

for (let done = 1; done < names.length; done++)
  test(`killed between file ${done} and ${done + 1}, with what it was writing lying about: all are put, and nothing is left over`, async () => {
    const { rig, at, read } = await crash(
      (rows) => (rows.includes("undo") ? "after" : undefined),
      (place) => {
        for (const name of names.slice(0, Math.min(done, 3))) fs.writeFileSync(place(name), `one ${name}`);
      },
    );
    expect(read()).toEqual(first);
    expect(fs.readdirSync(at("dir"))).toEqual(["c.txt"]);
    await rig.close();
  });

test("a file with two names that was being written in place is written to its end, under both", async () => {
  const { rig, at, read } = await crash(
    (rows) => (rows.includes("undo") ? "after" : undefined),
    (place) => {
      fs.linkSync(place("a.txt"), place("other name"));
      fs.writeFileSync(place("a.txt"), "one a");
    },
  );
  expect([read(), fs.readFileSync(at("other name"), "utf8")]).toEqual([first, first[0]]);
  await rig.close();
});

test("a file that somebody changed while there was no server is left as it is, also by the redo", async () => {
  const { rig, read } = await crash(
    (rows) => (rows.includes("undo") ? "after" : undefined),
    (at) => fs.writeFileSync(at("b.txt"), "by hand"),
  );
  expect(read()).toEqual([first[0], "by hand", first[2], undefined]);
  await rig.h.request("session.redo", { session: rig.session });
  expect(read()).toEqual([second[0], "by hand", second[2], second[3]]);
  await rig.close();
});
