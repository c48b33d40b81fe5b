import { CommandError } from "../../protocol/index.ts";
import type { Core } from "../core.ts";
import type { TrustKeeper } from "../options.ts";
import type { Command } from "./command.ts";

function keeper(core: Core): TrustKeeper {
  if (core.options.trust === undefined) throw new CommandError("forbidden", "This server trusts no project's configuration");
  return core.options.trust;
}

const request = (core: Core, workspace: string) => ({ workspace, env: core.workspaces.env(workspace) });

export const trustStatus: Command<"trust.status"> = async (core, { workspace }) => ({
  files: await keeper(core).status(request(core, workspace)),
});

export const trustGrant: Command<"trust.grant"> = async (core, { workspace, files }, { remember }) => {
  await keeper(core).decide(request(core, workspace), "grant", files);
  remember({});
  return {};
};

export const trustDecline: Command<"trust.decline"> = async (core, { workspace, files }, { remember }) => {
  await keeper(core).decide(request(core, workspace), "decline", files);
  remember({});
  return {};
};

export const trustRevoke: Command<"trust.revoke"> = async (core, { workspace }, { remember }) => {
  const result = { files: await keeper(core).revoke(workspace) };
  remember(result);
  return result;
};
