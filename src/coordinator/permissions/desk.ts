import { randomUUID } from "node:crypto";
import type { Clock } from "../../contracts/base.ts";
import type { Queries } from "../../contracts/store.ts";
import type { ToolIntent } from "../../contracts/tool.ts";
import {
  CommandError,
  type DurableBody,
  type Permission,
  type PermissionScope,
  type Question,
  type QuestionAnswer,
} from "../../protocol/index.ts";
import type { Hub } from "../events/hub.ts";
import type { OpenSession } from "../registry/sessions.ts";
import { sessionUpdate } from "../registry/update.ts";
import type { Workspaces } from "../registry/workspaces.ts";

export type Ask = {
  entry: OpenSession;
  turn: string;
  call: string;
  tool: string;
  intent: ToolIntent;
  input: string;
  why: string;
  pattern?: string;
  questions?: Question[];
};
export type Decision = {
  decision: "allow" | "deny";
  scope?: PermissionScope;
  message?: string;
  /** Checked against the questions by whoever took them. */
  answers?: QuestionAnswer[];
  by: string;
};

/** Control and format characters, which could make a command look like another one, are shown as their code. */
const visible = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`);

type Pending = { ask: Ask; permission: Permission; settle: (permission: Permission) => void };

/** Questions that wait for an answer. Each is a durable object, seen by every client; the first valid answer wins. */
export class PermissionDesk {
  readonly #clock: Clock;
  readonly #hub: Hub;
  readonly #queries: Queries;
  readonly #workspaces: Workspaces;
  readonly #saveRule: (workspace: string, pattern: string) => Promise<void>;
  readonly #pending = new Map<string, Pending>();
  /** One question a session at a time: its answer may answer the next one too. */
  readonly #turnstiles = new WeakMap<OpenSession, Promise<unknown>>();

  constructor(options: {
    clock: Clock;
    hub: Hub;
    queries: Queries;
    workspaces: Workspaces;
    saveRule: (workspace: string, pattern: string) => Promise<void>;
  }) {
    this.#clock = options.clock;
    this.#hub = options.hub;
    this.#queries = options.queries;
    this.#workspaces = options.workspaces;
    this.#saveRule = options.saveRule;
  }

  /** Runs `work` when no other question of the session is open. */
  serially<T>(entry: OpenSession, work: () => Promise<T>): Promise<T> {
    const before = this.#turnstiles.get(entry) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#turnstiles.set(
      entry,
      mine.catch(() => {}),
    );
    return mine;
  }

  /** Resolves with the permission as it was resolved; `resolvedBy` "cancel" when the turn ended first. */
  async ask(ask: Ask): Promise<Permission> {
    const { entry, intent } = ask;
    const permission: Permission = {
      id: randomUUID(),
      session: entry.id,
      turn: ask.turn,
      call: ask.call,
      tool: ask.tool,
      action: intent.action,
      title: visible(intent.title),
      input: ask.input,
      ...(intent.path !== undefined && { path: intent.path }),
      ...(intent.diff !== undefined && { diff: intent.diff }),
      why: ask.why,
      ...(ask.pattern !== undefined && { pattern: ask.pattern }),
      ...(ask.questions !== undefined && { questions: ask.questions }),
      state: "pending",
      createdAt: this.#clock.now(),
    };
    const answer = new Promise<Permission>((settle) => this.#pending.set(permission.id, { ask, permission, settle }));
    try {
      await this.#hub.commit(entry.id, [
        { kind: "permission.asked", data: { permission } },
        sessionUpdate(entry, { status: "waiting" }, this.#clock),
      ]);
    } catch (error) {
      this.#pending.delete(permission.id);
      throw error;
    }
    this.#hub.latest({ type: "activity", session: entry.id, state: "permission", note: ask.tool });
    return answer;
  }

  /** What waits for an answer under this id. */
  pending(id: string): Permission | undefined {
    return this.#pending.get(id)?.permission;
  }

  /** @throws CommandError not_found, already_resolved, bad_request; what saving a rule throws (the permission holds all the same) */
  async resolve(id: string, decision: Decision): Promise<Permission> {
    const pending = this.#pending.get(id);
    if (pending === undefined) {
      const past = this.#queries.permission(id);
      if (past === undefined) throw new CommandError("not_found", `There is no permission ${id}`);
      throw new CommandError("already_resolved", `Permission ${id} was ${past.state} by ${past.resolvedBy ?? "somebody else"}`, {
        data: { permission: past },
      });
    }
    const { ask, permission } = pending;
    if (permission.questions !== undefined && decision.decision === "allow" && decision.answers === undefined)
      throw new CommandError("bad_request", `Permission ${id} is a question: answer it with question.answer, or deny it to give no answer`);
    const scope = decision.scope ?? "once";
    if (decision.decision === "allow" && scope === "always" && ask.pattern === undefined) {
      throw new CommandError(
        "bad_request",
        `"${permission.title}" cannot be allowed always: no narrow rule describes it. Allow it once or for the session`,
      );
    }
    // Claimed before anything is awaited: the first answer wins.
    this.#pending.delete(id);
    const resolved = this.#resolved(permission, decision);
    try {
      if (decision.decision === "allow" && scope !== "once") ask.entry.grants.add(ask.tool, ask.intent, ask.pattern);
      await this.#hub.commit(ask.entry.id, [
        { kind: "permission.resolved", data: { permission: resolved } },
        sessionUpdate(ask.entry, { status: "running" }, this.#clock),
      ]);
    } catch (error) {
      // Not on disk, so not resolved: it can be answered again, unless its turn has ended meanwhile.
      this.#pending.set(id, pending);
      throw error;
    }
    pending.settle(resolved);
    if (decision.decision === "allow" && scope === "always") {
      const { workspace } = ask.entry.session;
      this.#workspaces.addRule(workspace, ask.pattern!);
      await this.#saveRule(workspace, ask.pattern!);
    }
    return resolved;
  }

  /** What resolves the open questions of a turn that ends, to be committed with its end. */
  closeTurn(turn: string, by: string): DurableBody[] {
    const bodies: DurableBody[] = [];
    for (const [id, { ask, permission, settle }] of this.#pending) {
      if (ask.turn !== turn) continue;
      this.#pending.delete(id);
      const resolved = this.#resolved(permission, { decision: "deny", by });
      bodies.push({ kind: "permission.resolved", data: { permission: resolved } });
      settle(resolved);
    }
    return bodies;
  }

  get size(): number {
    return this.#pending.size;
  }

  #resolved(permission: Permission, { decision, scope, message, answers, by }: Decision): Permission {
    return {
      ...permission,
      state: decision === "allow" ? "allowed" : "denied",
      ...(decision === "allow" && { scope: scope ?? "once" }),
      ...(answers !== undefined && { answers }),
      ...(message !== undefined && message !== "" && { message }),
      resolvedAt: this.#clock.now(),
      resolvedBy: by,
    };
  }
}
