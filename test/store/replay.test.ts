import fc from "fast-check";
import { expect, test } from "vitest";
import type { NewEvent } from "../../src/contracts/store.ts";
import type { DurableEvent, Message, Permission, Session, Turn } from "../../src/protocol/index.ts";
import type { StoreError } from "../../src/store/errors.ts";
import { sessionHash } from "../../src/store/hash.ts";
import { noUsage } from "../support/session-row.ts";
import { event, openAll, text } from "./support.ts";

/** What the store should hold, as plain objects. It knows nothing of rows. */
class Model {
  sessions = new Map<string, Session>();
  messages = new Map<string, Message>();
  turns = new Map<string, Turn>();
  permissions = new Map<string, Permission>();
  log = new Map<string, { seq: number; kind: string; id: string }[]>();
  graves = new Map<string, number>();
  streams = new Map<string, string>();

  /** @returns the seq, or undefined when it must be refused */
  apply(given: NewEvent): number | undefined {
    if (given.kind === "session.created") {
      if (this.sessions.has(given.session) || this.graves.has(given.session)) return undefined;
      this.sessions.set(given.session, { ...given.data.session, hash: sessionHash(given.session) });
      this.log.set(given.session, []);
    }
    const session = this.sessions.get(given.session);
    if (session === undefined || !this.allowed(given)) return undefined;
    session.head++;
    const id = this.project(given, session);
    this.log.get(given.session)?.push({ seq: session.head, kind: given.kind, id });
    return session.head;
  }

  allowed(given: NewEvent): boolean {
    const mine = <T extends { session: string }>(all: Map<string, T>, id: string) =>
      all.get(id)?.session === given.session ? all.get(id) : undefined;
    switch (given.kind) {
      case "message.created":
        return !this.messages.has(given.data.message.id);
      case "part.finished":
        return mine(this.messages, given.data.message) !== undefined;
      case "message.finished":
        return mine(this.messages, given.data.message.id) !== undefined;
      case "permission.asked":
        return !this.permissions.has(given.data.permission.id);
      case "permission.resolved":
        return mine(this.permissions, given.data.permission.id)?.state === "pending";
      case "turn.queued":
        return !this.turns.has(given.data.turn.id);
      case "turn.started":
        return !this.turns.has(given.data.turn.id) || mine(this.turns, given.data.turn.id)?.status === "queued";
      case "turn.completed":
        return ["queued", "running"].includes(mine(this.turns, given.data.turn.id)?.status ?? "");
      default:
        return true;
    }
  }

  project(given: NewEvent, session: Session): string {
    switch (given.kind) {
      case "session.created":
        return given.session;
      case "session.updated": {
        const { title, workspace, yolo, todos, model } = given.data.session;
        Object.assign(session, { title, workspace, yolo, todos, ...(model === undefined ? {} : { model }) });
        return given.session;
      }
      case "session.deleted":
        this.graves.set(given.session, session.head);
        for (const all of [this.messages, this.turns, this.permissions] as Map<string, { session: string }>[])
          for (const [id, object] of all) if (object.session === given.session) all.delete(id);
        this.sessions.delete(given.session);
        this.log.delete(given.session);
        return given.session;
      case "message.created":
        session.messageCount++;
        this.messages.set(given.data.message.id, structuredClone(given.data.message));
        return given.data.message.id;
      case "part.finished": {
        const { parts } = this.messages.get(given.data.message)!;
        const { part } = given.data;
        parts.splice(0, parts.length, ...[...parts.filter(({ id }) => id !== part.id), part].sort((a, b) => a.index - b.index));
        return `${given.data.message}/${part.id}`;
      }
      case "message.finished": {
        const held = this.messages.get(given.data.message.id)!;
        const { finishedAt, finish, usage } = given.data.message;
        const before = held.usage ?? noUsage;
        if (usage !== undefined) {
          const turn = this.turns.get(held.turn)?.session === given.session ? this.turns.get(held.turn) : undefined;
          for (const sum of turn === undefined ? [session] : [session, turn])
            sum.usage = {
              ...sum.usage,
              input: sum.usage.input + usage.input - before.input,
              output: sum.usage.output + usage.output - before.output,
            };
          session.contextTokens = usage.input + usage.output;
        }
        held.finishedAt = finishedAt!;
        held.finish = finish!;
        if (usage === undefined) delete held.usage;
        else held.usage = usage;
        return held.id;
      }
      case "permission.asked":
      case "permission.resolved":
        this.permissions.set(given.data.permission.id, given.data.permission);
        return given.data.permission.id;
      case "turn.queued":
        this.turns.set(given.data.turn.id, { ...given.data.turn });
        return given.data.turn.id;
      case "turn.started":
        this.turns.set(given.data.turn.id, {
          ...(this.turns.get(given.data.turn.id) ?? given.data.turn),
          status: "running",
          completions: given.data.turn.completions,
        });
        return given.data.turn.id;
      case "turn.completed": {
        const { status, endedAt, completions } = given.data.turn;
        Object.assign(this.turns.get(given.data.turn.id)!, { status, endedAt, completions });
        return given.data.turn.id;
      }
      // test/coordinator/undo.test.ts has these.
      case "turn.undone":
      case "turn.redone":
        return given.data.turn.id;
    }
  }

  status(id: string): Session["status"] {
    if ([...this.permissions.values()].some((one) => one.session === id && one.state === "pending")) return "waiting";
    return [...this.turns.values()].some((one) => one.session === id && one.status === "running") ? "running" : "idle";
  }
}

const from = <T>(...values: T[]) => fc.constantFrom(...values);
const sessionId = from("S", "T");
const messageId = from("m1", "m2", "m3");
const turnId = from("t1", "t2");
const words = fc.oneof(fc.string({ unit: "grapheme", maxLength: 12 }), from("", "a\u0000b", "'; DROP TABLE sessions; --"));
const part = fc.record({ id: from("p1", "p2"), words }).map(({ id, words }) => text(id, Number(id[1]), words));
const usage = fc.record({ input: fc.nat(1000), output: fc.nat(1000) }).map((some) => ({ ...noUsage, ...some }));

const anyEvent: fc.Arbitrary<NewEvent> = fc.oneof(
  { weight: 1, arbitrary: sessionId.map((id) => event.created({}, id)) },
  { weight: 2, arbitrary: fc.tuple(sessionId, words, fc.boolean()).map(([id, title, yolo]) => event.updated({ title, yolo }, id)) },
  { weight: 1, arbitrary: sessionId.map((id) => event.deleted(id)) },
  {
    weight: 4,
    arbitrary: fc.tuple(sessionId, messageId, turnId).map(([id, m, turn]) => event.message(m, { role: "assistant", turn }, id)),
  },
  { weight: 8, arbitrary: fc.tuple(sessionId, messageId, part).map(([id, m, p]) => event.part(m, p, id)) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(sessionId, messageId, turnId, fc.option(usage, { nil: undefined }))
      .map(([id, m, turn, used]) => event.finished(m, { turn, ...(used ? { usage: used } : {}) }, id)),
  },
  { weight: 2, arbitrary: from("q1", "q2").map((id) => event.asked(id)) },
  { weight: 2, arbitrary: from("q1", "q2").map((id) => event.resolved(id)) },
  { weight: 2, arbitrary: fc.tuple(sessionId, turnId).map(([id, turn]) => event.queued(turn, {}, id)) },
  { weight: 2, arbitrary: fc.tuple(sessionId, turnId).map(([id, turn]) => event.started(turn, {}, id)) },
  { weight: 2, arbitrary: fc.tuple(sessionId, turnId).map(([id, turn]) => event.completed(turn, {}, id)) },
);

test("after any sequence of events, in any batching, queries equal a plain model and the replay is dense, ordered and whole", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyEvent, { minLength: 1, maxLength: 80, size: "max" }),
      fc.integer({ min: 1, max: 7 }),
      async (some, batch) => {
        const events = [event.created({}, "S"), event.created({}, "T"), ...some];
        const { store, queries, writer } = await openAll();
        const model = new Model();
        const told: (number | undefined)[] = [];
        for (let at = 0; at < events.length; at += batch) {
          // Sent without waiting: each is a group of its own within one batch.
          const sent = events.slice(at, at + batch).map((one) => store.commit([one]));
          for (const done of await Promise.allSettled(sent)) {
            if (done.status === "rejected")
              expect(done.reason).toMatchObject({ name: "StoreError", code: "constraint" } satisfies Partial<StoreError>);
            told.push(done.status === "fulfilled" ? done.value[0]!.seq : undefined);
          }
        }
        expect(told).toEqual(events.map((one) => model.apply(structuredClone(one))));

        for (const id of ["S", "T"]) {
          const expected = model.sessions.get(id);
          const { updatedAt: _, ...held } = queries.session(id) ?? ({} as Session);
          const { updatedAt: __, ...wanted } = expected === undefined ? ({} as Session) : { ...expected, status: model.status(id) };
          expect(held).toEqual(wanted);
          expect(queries.messages(id, { limit: 99 }).messages).toEqual([...model.messages.values()].filter((one) => one.session === id));
          expect(queries.turns(id, 99).reverse()).toEqual([...model.turns.values()].filter((one) => one.session === id));
          expect(queries.permissions({ session: id })).toEqual([...model.permissions.values()].filter((one) => one.session === id));

          // Read in pages of 4, as a subscriber does.
          const replay: DurableEvent[] = [];
          for (let after = 0; ; after = replay.at(-1)!.seq) {
            const page = queries.events(id, after, 4);
            if (page.length === 0) break;
            expect(page[0]!.seq).toBeGreaterThan(after);
            replay.push(...page);
          }
          const log = model.log.get(id);
          if (log === undefined)
            expect(replay.map(({ seq, kind }) => [seq, kind])).toEqual(
              model.graves.has(id) ? [[model.graves.get(id), "session.deleted"]] : [],
            );
          else expect(replay.map((one) => ({ seq: one.seq, kind: one.kind, id: idOf(one) }))).toEqual(log);
          rebuild(replay, id, model);
        }
        expect(queries.integrity()).toEqual([]);
        queries.close();
        writer.close();
      },
    ),
    { numRuns: 60 },
  );
}, 60_000);

function idOf(told: DurableEvent): string {
  switch (told.kind) {
    case "session.created":
    case "session.updated":
      return told.data.session.id;
    case "session.deleted":
      return told.data.session;
    case "message.created":
    case "message.finished":
      return told.data.message.id;
    case "part.finished":
      return `${told.data.message}/${told.data.part.id}`;
    case "permission.asked":
    case "permission.resolved":
      return told.data.permission.id;
    default:
      return told.data.turn.id;
  }
}

/** A consumer that only ever heard the replay, replacing by id, ends with the same messages. */
function rebuild(replay: DurableEvent[], id: string, model: Model): void {
  const seen = new Map<string, Message>();
  for (const told of replay) {
    if (told.kind === "message.created") seen.set(told.data.message.id, told.data.message);
    if (told.kind === "message.finished")
      seen.set(told.data.message.id, { ...told.data.message, parts: seen.get(told.data.message.id)!.parts });
    if (told.kind === "part.finished") {
      const held = seen.get(told.data.message)!;
      held.parts = [...held.parts.filter((one) => one.id !== told.data.part.id), told.data.part].sort((a, b) => a.index - b.index);
    }
  }
  expect([...seen.values()]).toEqual([...model.messages.values()].filter((one) => one.session === id));
}
