import type { Command } from "./command.ts";

export const permissionResolve: Command<"permission.resolve"> = async (core, { permission, decision, scope, message }, { name }) => ({
  permission: await core.desk.resolve(permission, {
    decision,
    by: name,
    ...(scope !== undefined && { scope }),
    ...(message !== undefined && { message }),
  }),
});
