import type { Core } from "../core.ts";
import type { ToolSurroundings } from "../options.ts";
import type { OpenSession } from "../registry/sessions.ts";

/** What tools of the session touch, for a command of the user's: of no turn. */
export async function outsideTurn({ options, workspaces }: Core, { id, session: { workspace } }: OpenSession): Promise<ToolSurroundings> {
  const config = await workspaces.config(workspace);
  return options.toolContext({ session: id, turn: "", workspace, config, env: workspaces.env(workspace) });
}
