import type { ProjectFileState } from "../contracts/config.ts";
import { projectAgentFiles } from "./agents.ts";
import { checkText } from "./check.ts";
import { projectCommandFiles } from "./commands.ts";
import { type ConfigPlaces, configSources, defaultDataDirectory, overrideFile } from "./files.ts";
import { harmlessOnly } from "./project-keys.ts";
import { ConfigError, readProjectSource } from "./read.ts";
import { projectSkillFiles } from "./skills.ts";
import { declineTrust, grantTrust, openTrust } from "./trust.ts";

type Request = ConfigPlaces & {
  /** Where decisions are kept. */
  dataDir: string;
  /** `options.data_directory`, which a user may have moved. */
  dataDirectory?: string;
};

/** Files of the project that would set something which needs its user's yes, as they are now; nearest directory last. */
export function projectFiles(request: Request): ProjectFileState[] {
  const { workspace, dataDir, dataDirectory = defaultDataDirectory } = request;
  const trust = openTrust(dataDir);
  const sources = [...configSources(request), overrideFile(workspace, dataDirectory)].filter((source) => source.trust === "project");
  const files: ProjectFileState[] = [];
  const stateOf = (file: string, hash: string, before: string | undefined): ProjectFileState["state"] =>
    trust.isTrusted(file, hash) ? "trusted" : trust.isDeclined(file, hash) ? "declined" : before === undefined ? "new" : "changed";
  for (const { file, script } of sources) {
    let read: ReturnType<typeof readProjectSource>;
    try {
      read = readProjectSource(file, workspace);
    } catch (error) {
      // It counts for nothing, whatever anybody says.
      if (error instanceof ConfigError) continue;
      throw error;
    }
    if (!read) continue;
    const { hash, text } = read;
    const { value } = script ? { value: undefined } : checkText(file, text);
    const keys = value ? harmlessOnly(file, value, workspace).left : [];
    if (!script && keys.length === 0) continue;
    const before = trust.trustedText(file);
    files.push({ file, hash, text, keys, script, state: stateOf(file, hash, before), ...(before === undefined ? {} : { before }) });
  }
  const prompts = [
    ...projectAgentFiles(workspace).map((each) => ({ ...each, key: "agent" })),
    ...projectCommandFiles(workspace, dataDirectory).map((each) => ({ ...each, key: "command" })),
    ...projectSkillFiles(workspace).map((each) => ({ ...each, key: "skill" })),
  ];
  for (const { file, hash, text, key } of prompts) {
    const before = trust.trustedText(file);
    files.push({
      file,
      hash,
      text,
      keys: [key],
      script: false,
      state: stateOf(file, hash, before),
      ...(before === undefined ? {} : { before }),
    });
  }
  return files;
}

/**
 * Says yes (or no) to files with exactly the contents that were shown.
 * @throws ConfigError when one of them is not there any more or says something else by now: nothing is decided then
 */
export function decideTrust(request: Request, decision: "grant" | "decline", shown: readonly { file: string; hash: string }[]): void {
  const now = projectFiles(request);
  const decided = shown.map(({ file, hash }) => {
    const found = now.find((each) => each.file === file && each.hash === hash);
    if (!found) throw new ConfigError("shape", file, "has changed since it was shown: look at it again");
    return found;
  });
  (decision === "grant" ? grantTrust : declineTrust)(request.dataDir, decided);
}
