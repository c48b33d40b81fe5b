import { CommandError } from "../../protocol/index.ts";
import type { Core } from "../core.ts";

/** Nothing begins that the end of the server would cut off. @throws CommandError shutting_down */
export function requireOpen({ stopping }: Core): void {
  if (stopping) throw new CommandError("shutting_down", "The server ends; connect again and resend", { retryable: true });
}
