import { CommandError, type Session } from "../../protocol/index.ts";

/** An agent's session is there to be read: its work has one prompt, and one who waits for its end. @throws CommandError conflict */
export function refuseAgent({ agent, parent }: Session): void {
  if (agent === undefined) return;
  throw new CommandError(
    "conflict",
    `This is the work of the agent "${agent}" and takes no prompts; prompt the session that it worked for`,
    {
      data: { parent: parent ?? "" },
    },
  );
}
