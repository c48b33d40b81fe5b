import type { Config } from "../../contracts/config.ts";
import type { PromptCommands } from "../../coordinator/options.ts";
import { configDirectory } from "../paths.ts";

type Request = { workspace: string; env: Record<string, string>; config: Config };

/** Custom commands and skills, read from their files each time: somebody who edits one tries it at once. */
export function openPromptCommands({ dataDir }: { dataDir: string }): PromptCommands {
  const load = async ({ workspace, env, config }: Request) => {
    const { loadCommands, loadSkills, expandCommand, skillInvocation } = await import("../../config/index.ts");
    const places = { workspace, homeDir: env.HOME ?? "", configDir: configDirectory(env), dataDir };
    const commands = loadCommands({ ...places, dataDirectory: config.options.dataDirectory });
    const skills = loadSkills({ ...places, ...skillOptions(env, config) });
    return { commands, skills, expandCommand, skillInvocation };
  };
  return {
    async list(request) {
      const { commands, skills } = await load(request);
      const waiting = commands.waiting + skills.waiting;
      return {
        commands: [
          ...commands.commands.map(({ text: _, file: __, ...command }) => ({ ...command, kind: "command" as const })),
          ...skills.skills
            .filter(({ userInvocable }) => userInvocable)
            .map(({ name, description }) => ({ id: name, kind: "skill" as const, description, arguments: [] })),
        ],
        notices: [
          ...skills.problems.map((problem) => `no skill: ${problem}`),
          ...(waiting > 0 ? [`${waiting} commands and skills of the project count only when you trust it (crush trust)`] : []),
        ],
      };
    },
    async expand(request, { id, args, values }) {
      const { commands, skills, expandCommand, skillInvocation } = await load(request);
      const given = { ...(args !== undefined && { args }), ...(values && { values }) };
      const command = commands.commands.find((each) => each.id === id);
      if (command) return expandCommand(command, given);
      const skill = skills.skills.find((each) => each.name === id && each.userInvocable);
      return skill && skillInvocation(skill, args);
    },
    async readable({ workspace, env, config }) {
      const { userSkillDirectories } = await import("../../config/index.ts");
      const { disabled: _, ...options } = skillOptions(env, config);
      return userSkillDirectories({ workspace, homeDir: env.HOME ?? "", configDir: configDirectory(env), ...options });
    },
  };
}

/** Skills that the model is told of. */
export async function modelSkills(
  { workspace, env, config }: Request,
  dataDir: string,
): Promise<{ name: string; description: string; file: string }[]> {
  const { loadSkills } = await import("../../config/index.ts");
  const places = { workspace, homeDir: env.HOME ?? "", configDir: configDirectory(env), dataDir };
  return loadSkills({ ...places, ...skillOptions(env, config) }).skills.filter(({ modelInvocable }) => modelInvocable);
}

/** What the configuration and the environment say of where skills are. */
function skillOptions(env: Record<string, string>, { options }: Config): { skillsDir?: string; skillsPaths: string[]; disabled: string[] } {
  return {
    ...(env.CRUSH_SKILLS_DIR && { skillsDir: env.CRUSH_SKILLS_DIR }),
    skillsPaths: options.skillsPaths,
    disabled: options.disabledSkills,
  };
}
