import { CommandError, covers, type Scope } from "../../protocol/index.ts";

/** Whoever may not answer a permission may not switch the questions off either. @throws CommandError forbidden */
export function requireYoloScope(scope: Scope): void {
  if (!covers(scope, "approve"))
    throw new CommandError("forbidden", `Yolo mode answers every permission and needs the scope "approve"; this token has "${scope}"`);
}
