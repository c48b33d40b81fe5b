import { titleCharsMax } from "../../protocol/index.ts";
import { newSession } from "../registry/new-session.ts";
import type { Command } from "./command.ts";
import { noticeTexts } from "./notices.ts";
import { requireYoloScope } from "./yolo-scope.ts";

export const sessionCreate: Command<"session.create"> = async (core, params, context) => {
  const { clock } = core.options;
  const { workspace, title, model, env, yolo } = params;
  if (yolo) requireYoloScope(context.scope);
  core.workspaces.setEnv(workspace, env);
  const now = clock.now();
  const config = await core.workspaces.config(workspace);
  const session = newSession(
    {
      title: (title ?? "").slice(0, titleCharsMax),
      workspace,
      ...(model !== undefined && { model }),
      yolo: yolo ?? false,
      ...(params.plan && { plan: true }),
    },
    now,
  );
  const result = { session: { ...session, head: 1 }, notices: noticeTexts(config) };
  const committed = core.hub.commit(session.id, [{ kind: "session.created", data: { session } }]);
  context.remember(result);
  await committed;
  const screen = context.screen === undefined ? undefined : core.screens.get(context.screen);
  const entry = core.sessions.add(result.session, screen?.shard);
  if (params.smallModel !== undefined) entry.smallModel = params.smallModel;
  return result;
};
