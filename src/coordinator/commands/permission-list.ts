import type { Command } from "./command.ts";

export const permissionList: Command<"permission.list"> = (core, { session }) => ({
  permissions: core.options.queries.permissions({ pendingOnly: true, ...(session !== undefined && { session }) }),
});
