import { CommandError } from "../../protocol/index.ts";
import { ShardError } from "../link/shards.ts";
import { sessionUpdate } from "../registry/update.ts";
import type { Command } from "./command.ts";
import { findSession } from "./find-session.ts";
import { requirePeer } from "./require-peer.ts";
import { requireYoloScope } from "./yolo-scope.ts";

export const screenOpen: Command<"screen.open"> = async (core, params, { peer, scope }) => {
  const { workspace, env, yolo } = params;
  if (yolo) requireYoloScope(scope);
  core.workspaces.setEnv(workspace, env);
  const session = params.session === undefined ? undefined : findSession(core, params.session, workspace).id;
  if (session !== undefined && yolo) {
    const entry = core.sessions.open(session);
    await core.hub.commit(session, [sessionUpdate(entry, { yolo }, core.options.clock)]);
  }
  requirePeer(core, peer);
  const { session: _, ...rest } = params;
  try {
    const screen = core.screens.open(peer, { ...rest, ...(session !== undefined && { session }) });
    return { screen: screen.id, ...(session !== undefined && { session }) };
  } catch (error) {
    if (error instanceof ShardError) throw new CommandError("internal", error.message, { cause: error, data: { code: error.code } });
    throw error;
  }
};
