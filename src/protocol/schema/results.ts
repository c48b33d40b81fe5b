// What each method answers with. Types come from ../methods.ts.
import { z } from "zod";
import type { MethodName, Methods, Result } from "../methods.ts";
import type { Equal, Expect } from "./equal.ts";
import { message, modelInfo, permission, searchHit, session, timeResult, turn } from "./model.ts";
import { count, hash, id, modelRef, reasoningEffort, screenId, time } from "./params.ts";

const nothing = z.object({}).meta({ id: "Nothing", description: "Done, and no more to say" });
const notices = z.array(z.string()).meta({ description: "For a person, e.g. what of a configuration was left out" });
const job = z
  .object({
    id,
    command: z.string(),
    session: id.exactOptional(),
    startedAt: time,
    running: z.boolean(),
    exitCode: z.number().exactOptional(),
    bytes: count,
  })
  .meta({ id: "JobInfo" });
const promptCommand = z
  .object({
    id: z.string(),
    kind: z.enum(["command", "skill"]),
    description: z.string().exactOptional(),
    hint: z.string().exactOptional(),
    arguments: z.array(z.string()),
  })
  .meta({ id: "PromptCommand", description: "A prompt kept as a file: a custom command, or a skill that a user may call" });
const serverStatus = z
  .object({
    version: z.string(),
    pid: count,
    epoch: z.string(),
    startedAt: time,
    clients: count,
    screens: count,
    sessionsOpen: count,
    turnsRunning: count,
    counters: z.record(z.string(), z.number()),
  })
  .meta({ id: "ServerStatus" });

const uiSettings = z.object({
  theme: z
    .object({
      name: z.string(),
      file: z.string().exactOptional(),
      base: z.string().exactOptional(),
      styles: z.record(z.string(), z.string()).exactOptional(),
    })
    .meta({ id: "ThemeChoice" }),
  keys: z.record(z.string(), z.record(z.string(), z.array(z.string()))).meta({ description: "Scope, action, keys" }),
  notifications: z.enum(["auto", "native", "osc", "bell", "disabled"]).exactOptional(),
});

export const resultSchema = {
  "session.create": z.object({ session, notices }),
  "session.list": z.object({ sessions: z.array(session) }),
  "session.get": z.object({ session }),
  "session.rename": z.object({ session }),
  "session.delete": nothing,
  "session.messages": z.object({ messages: z.array(message), more: z.boolean() }),
  "session.search": z.object({ hits: z.array(searchHit), complete: z.boolean() }),
  "session.subscribe": z.object({ head: count }),
  "session.unsubscribe": nothing,
  "session.prompt": z.object({ turn: id, message: id, queued: z.boolean(), steered: z.boolean().exactOptional() }),
  "session.cancel": z.object({ canceled: z.boolean() }),
  "session.resume": z.object({ turn: id }),
  "session.compact": z.object({ turn: id, queued: z.boolean() }),
  "session.setModel": z.object({ session }),
  "session.setYolo": z.object({ session }),
  "session.setPlan": z.object({ session }),
  "session.turns": z.object({ turns: z.array(turn) }),
  "session.undo": timeResult,
  "session.redo": timeResult,
  "session.rewind": timeResult,
  "session.fork": z.object({ session, prompt: z.string().exactOptional() }),
  "session.import": z
    .object({
      file: z.string(),
      sessions: z.array(
        z.object({ id, hash: z.string(), title: z.string(), messages: count, state: z.enum(["new", "grown", "known", "deleted"]) }),
      ),
      notes: notices,
    })
    .meta({ id: "ImportReport" }),
  "permission.list": z.object({ permissions: z.array(permission) }),
  "permission.resolve": z.object({ permission }),
  "question.answer": z.object({ permission }),
  "model.list": z.object({
    models: z.array(modelInfo),
    large: modelRef.exactOptional(),
    small: modelRef.exactOptional(),
    notices,
    demo: z.boolean(),
    untrusted: count.exactOptional(),
  }),
  "ui.settings": uiSettings,
  "trust.status": z.object({
    files: z.array(
      z
        .object({
          file: z.string(),
          hash,
          state: z.enum(["new", "changed", "trusted", "declined"]),
          script: z.boolean(),
          keys: z.array(z.string()),
          patch: z.string(),
        })
        .meta({ id: "ProjectFile" }),
    ),
  }),
  "trust.grant": nothing,
  "trust.decline": nothing,
  "trust.revoke": z.object({ files: z.array(z.string()) }),
  "provider.list": z.object({
    providers: z.array(
      z
        .object({
          id,
          name: z.string(),
          ready: z.boolean(),
          models: count,
          needsKey: z.boolean(),
          keyVariable: z.string().exactOptional(),
          baseUrl: z.string(),
        })
        .meta({ id: "ProviderInfo" }),
    ),
    recent: z.object({ large: z.array(modelRef), small: z.array(modelRef) }),
    effort: z.object({ large: reasoningEffort.exactOptional(), small: reasoningEffort.exactOptional() }),
    file: z.string(),
  }),
  "provider.connect": z.object({
    saved: z.boolean(),
    provider: id,
    name: z.string(),
    problem: z.string().exactOptional(),
    forcible: z.boolean().exactOptional(),
    model: modelRef.exactOptional(),
    usual: z.boolean().exactOptional(),
  }),
  "provider.check": z.object({
    checks: z.array(
      z
        .object({
          provider: id,
          name: z.string(),
          verdict: z.enum(["ok", "unsure", "bad_key", "unreachable"]),
          message: z.string().exactOptional(),
          ms: count,
        })
        .meta({ id: "ProviderCheck" }),
    ),
  }),
  "provider.update": z.object({ source: z.string(), changed: z.boolean(), providers: count, models: count }),
  "model.choose": nothing,
  "file.complete": z.object({ paths: z.array(z.string()) }),
  "attachment.begin": z.object({ offset: count, complete: z.boolean() }),
  "attachment.chunk": z.object({ offset: count }),
  "attachment.end": z.object({ bytes: count, mime: z.string() }),
  "command.list": z.object({ commands: z.array(promptCommand), notices }),
  "command.expand": z.object({ text: z.string() }),
  "screen.open": z.object({ screen: screenId, session: id.exactOptional() }),
  "screen.close": nothing,
  "screen.show": nothing,
  "session.shell": z.object({ message: id, job: id }),
  "job.list": z.object({ jobs: z.array(job) }),
  "job.output": z.object({ job, output: z.string(), cut: z.boolean() }),
  "job.kill": nothing,
  "server.status": serverStatus,
  "server.stop": nothing,
} satisfies { [M in MethodName]: z.ZodType<Result<M>> };

type Inferred = { [M in MethodName]: z.infer<(typeof resultSchema)[M]> };
export type ResultsMatch = Expect<Equal<Inferred, { [M in MethodName]: Methods[M]["result"] }>>;
