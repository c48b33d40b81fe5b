import { randomUUID } from "node:crypto";
import { type Session, titleCharsMax } from "../../protocol/index.ts";
import { sessionHash } from "../../store/hash.ts";
import { noUsage } from "../turn/usage.ts";
import type { Command } from "./command.ts";
import { noticeTexts } from "./notices.ts";
import { requireYoloScope } from "./yolo-scope.ts";

export const sessionCreate: Command<"session.create"> = async (core, params, context) => {
  const { clock } = core.options;
  const { workspace, title, model, env, yolo } = params;
  if (yolo) requireYoloScope(context.scope);
  core.workspaces.setEnv(workspace, env);
  const now = clock.now();
  const id = randomUUID();
  const config = await core.workspaces.config(workspace);
  const session: Session = {
    id,
    hash: sessionHash(id),
    title: (title ?? "").slice(0, titleCharsMax),
    workspace,
    createdAt: now,
    updatedAt: now,
    ...(model !== undefined && { model }),
    status: "idle",
    messageCount: 0,
    usage: noUsage(),
    contextTokens: 0,
    todos: [],
    head: 0,
    yolo: yolo ?? false,
    ...(params.plan && { plan: true }),
  };
  const result = { session: { ...session, head: 1 }, notices: noticeTexts(config) };
  const committed = core.hub.commit(id, [{ kind: "session.created", data: { session } }]);
  context.remember(result);
  await committed;
  const screen = context.screen === undefined ? undefined : core.screens.get(context.screen);
  const entry = core.sessions.add(result.session, screen?.shard);
  if (params.smallModel !== undefined) entry.smallModel = params.smallModel;
  return result;
};
