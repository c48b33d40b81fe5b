import { randomUUID } from "node:crypto";
import path from "node:path";
import { CommandError, type FilePart, type PromptFile, type Scope } from "../../protocol/index.ts";
import type { Core } from "../core.ts";
import type { OpenSession } from "../registry/sessions.ts";

/** Crush's bound for one attachment. */
const fileBytesMax = 5 << 20;

/** Files given with a prompt, read in the workspace's name. @throws CommandError not_found, forbidden, limit, bad_request */
export async function readPromptFiles(core: Core, entry: OpenSession, files: PromptFile[], scope: Scope): Promise<FilePart[]> {
  if (files.length === 0) return [];
  const { workspace } = entry.session;
  const needsDisk = files.some(({ text }) => text === undefined);
  const access = needsDisk
    ? (
        await core.options.toolContext({
          session: entry.id,
          turn: "",
          workspace,
          config: await core.workspaces.config(workspace),
          env: core.workspaces.env(workspace),
        })
      ).files
    : undefined;
  return Promise.all(
    files.map(async ({ path: name, text }): Promise<FilePart> => {
      if (text !== undefined) return part(name, text, Buffer.byteLength(text));
      const where = await access!.resolve(name);
      if (!where.inside && scope !== "approve" && scope !== "admin") {
        throw new CommandError(
          "forbidden",
          `${name} is outside of the workspace; a token of scope "${scope}" can only attach files inside of it`,
        );
      }
      const stat = await access!.stat(where.real);
      if (stat?.kind !== "file") throw new CommandError("not_found", `There is no file ${name}`);
      if (stat.bytes > fileBytesMax)
        throw new CommandError("limit", `${name} has ${stat.bytes} bytes, at most ${fileBytesMax} can be attached`);
      const bytes = await access!.read(where.real);
      try {
        return part(name, new TextDecoder("utf-8", { fatal: true }).decode(bytes), bytes.length);
      } catch (cause) {
        throw new CommandError("bad_request", `${name} is not UTF-8 text, and only text can be attached`, { cause });
      }
    }),
  );
}

const part = (name: string, text: string, bytes: number): FilePart => ({
  id: randomUUID(),
  index: 0,
  kind: "file",
  path: name,
  mime: path.extname(name) === ".md" ? "text/markdown" : "text/plain",
  bytes,
  text,
});
