// What each method's params must look like. Types come from ../methods.ts; this adds ranges and sizes. Unknown fields are dropped.
import { z } from "zod";
import {
  answerCharsMax,
  attachmentBytesMax,
  attachmentPieceBytes,
  commandArgsCharsMax,
  commandValuesMax,
  commandCharsMax,
  forcedFilesMax,
  idCharsMax,
  pageRowsMax,
  promptBytesMax,
  queryCharsMax,
  questionChoicesMax,
  questionsMax,
  screenColsMax,
  screenColsMin,
  screenRowsMax,
  screenRowsMin,
  searchHitsMax,
  titleCharsMax,
} from "../limits.ts";
import type { MethodName, Methods, Params } from "../methods.ts";
import type { Equal, Expect } from "./equal.ts";

/** PATH_MAX of Linux. */
const pathCharsMax = 4096;
/** ARG_MAX of Linux bounds a real environment to 2 MB; what is used of it is a fraction. */
const envEntriesMax = 4096;
const envCharsMax = 256 << 10;

export const id = z.string().min(1).max(idCharsMax);
const path = z.string().min(1).max(pathCharsMax);
export const workspace = path.meta({ description: "Absolute path of a directory on the server's machine" });
export const count = z.int().min(0);
export const time = z.number().min(0).meta({ description: "Milliseconds since the epoch" });
/** Signed tokens of gateways have some thousand characters. */
const keyCharsMax = 16 << 10;
const limit = z.int().min(1).max(pageRowsMax);

export const modelRef = z.object({ provider: id, model: z.string().min(1).max(256) }).meta({ id: "ModelRef" });
export const questionAnswer = z
  .object({
    choices: z.array(z.string().max(idCharsMax)).max(questionChoicesMax).exactOptional(),
    text: z.string().max(answerCharsMax).exactOptional(),
  })
  .meta({ id: "QuestionAnswer", description: "Ids of what was chosen, or words" });
export const reasoningEffort = z.enum(["low", "medium", "high"]).meta({ id: "ReasoningEffort" });
export const permissionScope = z.enum(["once", "session", "always"]).meta({ id: "PermissionScope" });
const env = z
  .record(z.string().max(1024), z.string().max(envCharsMax))
  .refine((value) => Object.keys(value).length <= envEntriesMax, { error: `more than ${envEntriesMax} variables` })
  .meta({ id: "ClientEnv", description: "Environment of the client: for $VAR in configuration and for tools' children" });
const promptText = z
  .string()
  .refine((text) => text.length <= promptBytesMax && (text.length * 3 <= promptBytesMax || Buffer.byteLength(text) <= promptBytesMax), {
    error: `larger than ${promptBytesMax} bytes`,
  });
const promptOptions = z
  .object({
    maxTurns: z.int().min(1).exactOptional(),
    timeoutMs: z.number().min(1).exactOptional(),
    allow: z.array(z.string().min(1).max(1024)).max(1000).exactOptional(),
    headless: z.boolean().exactOptional(),
    budget: z.number().gt(0).exactOptional(),
  })
  .meta({ id: "PromptOptions" });
export const screenMode = z.enum(["full", "inline", "plain"]).meta({ id: "ScreenMode" });
const terminalTraits = z
  .object({ name: z.string().max(256), colours: z.enum(["none", "16", "256", "true"]), light: z.boolean().exactOptional() })
  .meta({ id: "TerminalTraits" });
export const cols = z.int().min(screenColsMin).max(screenColsMax);
export const rows = z.int().min(screenRowsMin).max(screenRowsMax);
export const screenId = z.int().min(0);
export const hash = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .meta({ description: "SHA-256 of the file's bytes, in hex" });
const promptFile = z.object({ path, text: promptText.exactOptional(), hash: hash.exactOptional() }).meta({ id: "PromptFile" });
/** Four files a directory from the root of a project down; no project is this deep. */
const fileHashes = z
  .array(z.object({ file: path, hash }).meta({ id: "FileHash" }))
  .min(1)
  .max(400);
const session = { session: id };
const preview = z.boolean().exactOptional();
const force = z.array(path).max(forcedFilesMax).exactOptional();

export const paramsSchema = {
  "session.create": z.object({
    workspace,
    title: z.string().max(titleCharsMax).exactOptional(),
    model: modelRef.exactOptional(),
    smallModel: modelRef.exactOptional(),
    env: env.exactOptional(),
    yolo: z.boolean().exactOptional(),
    plan: z.boolean().exactOptional(),
  }),
  "session.list": z.object({
    parent: id.exactOptional(),
    workspace: workspace.exactOptional(),
    limit: limit.exactOptional(),
    before: z.number().exactOptional(),
  }),
  "session.get": z.object({ ...session, workspace: workspace.exactOptional() }),
  "session.rename": z.object({ ...session, title: z.string().min(1).max(titleCharsMax) }),
  "session.delete": z.object(session),
  "session.messages": z.object({ ...session, before: id.exactOptional(), limit: limit.exactOptional(), cut: z.boolean().exactOptional() }),
  "session.search": z.object({ query: z.string().max(queryCharsMax), limit: z.int().min(1).max(searchHitsMax).exactOptional() }),
  "session.subscribe": z.object({ ...session, after: count.exactOptional(), deltas: z.boolean().exactOptional() }),
  "session.unsubscribe": z.object(session),
  "session.prompt": z.object({
    ...session,
    text: promptText,
    files: z.array(promptFile).max(100).exactOptional(),
    options: promptOptions.exactOptional(),
    env: env.exactOptional(),
    steer: z.boolean().exactOptional(),
  }),
  "session.cancel": z.object({ ...session, queue: z.boolean().exactOptional() }),
  "session.resume": z.object({ ...session, options: promptOptions.exactOptional() }),
  "session.compact": z.object({
    ...session,
    instructions: z
      .string()
      .max(16 << 10)
      .exactOptional(),
  }),
  "session.setModel": z.object({ ...session, model: modelRef, kind: z.enum(["large", "small"]).exactOptional() }),
  "session.setYolo": z.object({ ...session, yolo: z.boolean() }),
  "session.setPlan": z.object({ ...session, plan: z.boolean() }),
  "session.turns": z.object({ ...session, limit: limit.exactOptional() }),
  "session.undo": z.object({ ...session, turn: id.exactOptional(), preview, force }),
  "session.redo": z.object({ ...session, preview, force }),
  "session.rewind": z.object({ ...session, message: id, preview, force }),
  "session.fork": z.object({ ...session, message: id.exactOptional(), title: z.string().max(titleCharsMax).exactOptional() }),
  "session.import": z.object({ workspace, file: path.exactOptional() }),
  "permission.list": z.object({ session: id.exactOptional() }),
  "permission.resolve": z.object({
    permission: id,
    decision: z.enum(["allow", "deny"]),
    scope: permissionScope.exactOptional(),
    message: z
      .string()
      .max(16 << 10)
      .exactOptional(),
  }),
  "question.answer": z.object({ question: id, answers: z.array(questionAnswer).max(questionsMax) }),
  "model.list": z.object({ workspace, env: env.exactOptional() }),
  "ui.settings": z.object({ workspace }),
  "trust.status": z.object({ workspace }),
  "trust.grant": z.object({ workspace, files: fileHashes }),
  "trust.decline": z.object({ workspace, files: fileHashes }),
  "trust.revoke": z.object({ workspace }),
  "provider.list": z.object({ workspace }),
  "provider.connect": z.object({
    workspace,
    provider: id.exactOptional(),
    apiKey: z.string().max(keyCharsMax).exactOptional(),
    baseUrl: z.string().max(pathCharsMax).exactOptional(),
    force: z.boolean().exactOptional(),
  }),
  "provider.check": z.object({ workspace, env: env.exactOptional(), provider: id.exactOptional() }),
  "provider.update": z.object({ workspace, env: env.exactOptional(), source: z.string().max(pathCharsMax).exactOptional() }),
  "model.choose": z.object({
    workspace,
    model: modelRef,
    kind: z.enum(["large", "small"]).exactOptional(),
    effort: z.union([reasoningEffort, z.literal("default")]).exactOptional(),
  }),
  "file.complete": z.object({ workspace, query: z.string().max(pathCharsMax), limit: limit.exactOptional() }),
  "attachment.begin": z.object({ hash, bytes: z.int().min(0).max(attachmentBytesMax) }),
  "attachment.chunk": z.object({
    hash,
    offset: count,
    data: z
      .string()
      .min(1)
      .max(Math.ceil(attachmentPieceBytes / 3) * 4),
  }),
  "attachment.end": z.object({ hash }),
  "command.list": z.object({ workspace }),
  "command.expand": z.object({
    workspace,
    id: z.string().min(1).max(pathCharsMax),
    args: z.string().max(commandArgsCharsMax).exactOptional(),
    values: z
      .record(z.string().max(idCharsMax), z.string().max(commandArgsCharsMax))
      .refine((value) => Object.keys(value).length <= commandValuesMax, { error: `more than ${commandValuesMax} values` })
      .exactOptional(),
  }),
  "screen.open": z.object({
    cols,
    rows,
    term: terminalTraits,
    mode: screenMode,
    workspace,
    env: env.exactOptional(),
    session: id.exactOptional(),
    yolo: z.boolean().exactOptional(),
    initialPrompt: promptText.exactOptional(),
  }),
  "screen.close": z.object({ screen: screenId }),
  "screen.show": z.object({ screen: screenId, session: id.exactOptional() }),
  "session.shell": z.object({ ...session, command: z.string().min(1).max(commandCharsMax), env: env.exactOptional() }),
  "job.list": z.object({ session: id.exactOptional() }),
  "job.output": z.object({ job: id }),
  "job.kill": z.object({ job: id }),
  "server.status": z.object({}),
  "server.stop": z.object({ force: z.boolean().exactOptional() }),
} satisfies { [M in MethodName]: z.ZodType<Params<M>> };

type Inferred = { [M in MethodName]: z.infer<(typeof paramsSchema)[M]> };
export type ParamsMatch = Expect<Equal<Inferred, { [M in MethodName]: Methods[M]["params"] }>>;

export type Checked<M extends MethodName> = { ok: true; params: Params<M> } | { ok: false; path: string; message: string };

/** Checks the params of a request; `path` says where the first mistake is, e.g. `params.files[0].path`. */
export function checkParams<M extends MethodName>(method: M, params: unknown): Checked<M> {
  const parsed = paramsSchema[method].safeParse(params);
  if (parsed.success) return { ok: true, params: parsed.data as Params<M> };
  const issue = parsed.error.issues[0]!;
  const path = issue.path.reduce<string>((text, key) => (typeof key === "number" ? `${text}[${key}]` : `${text}.${String(key)}`), "params");
  return { ok: false, path, message: issue.message };
}
