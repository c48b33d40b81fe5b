/** What the model is told of a skill: it reads the rest itself. */
export type SkillEntry = { name: string; description: string; file: string };

/** All skills together: they stand in every request. About 5,000 tokens. */
const skillsCharsMax = 20_000;

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** The part of the system prompt that tells of skills, in the order given; empty when there are none. Says which had no room. */
export function skillsText(skills: readonly SkillEntry[]): string {
  if (skills.length === 0) return "";
  let room = skillsCharsMax;
  const left: string[] = [];
  const told = skills.flatMap(({ name, description, file }) => {
    const text = `<skill>\n<name>${name}</name>\n<description>${escaped(description)}</description>\n<location>${escaped(file)}</location>\n</skill>`;
    if (text.length > room) {
      left.push(name);
      return [];
    }
    room -= text.length;
    return [text];
  });
  const more = left.length > 0 ? `\nWithout a description for want of room: ${left.join(", ").slice(0, skillsCharsMax / 10)}` : "";
  return `<available_skills>\n${told.join("\n")}\n</available_skills>${more}\n<skills_usage>\nWhen a task fits a skill's description, read its location with the view tool first and do as it says. Paths in it are relative to its directory.\n</skills_usage>`;
}
