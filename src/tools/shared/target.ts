import path from "node:path";
import type { Files, ToolIntent } from "../../contracts/tool.ts";
import { visible } from "./text.ts";

export type Target = {
  /** As asked for, absolute. */ path: string /** Links resolved: this is what is touched. */;
  real: string;
  inside: boolean /** Short form for a person: relative when inside, with the target of a link. */;
  label: string;
};

/** What `intent` looked at, by the very input object: `run` must touch the same, or nothing. */
const approved = new WeakMap<object, string>();

/** Resolves a path for `intent` and remembers it for `run`. */
export async function resolveTarget(files: Files, written: string, input?: object): Promise<Target> {
  const { path: asked, real, inside } = await files.resolve(written);
  if (input !== undefined) approved.set(input, real);
  const short = (file: string) =>
    file === files.workspace ? "." : file.startsWith(files.workspace + path.sep) ? path.relative(files.workspace, file) : file;
  const label = visible(short(asked) === short(real) || asked === real ? short(real) : `${short(asked)} -> ${short(real)}`);
  return { path: asked, real, inside, label };
}

/** Resolves again for `run`. A link that was turned elsewhere since the question was asked gives the text of a refusal. */
export async function resolveAgain(files: Files, written: string, input: object): Promise<Target | string> {
  const before = approved.get(input);
  const target = await resolveTarget(files, written);
  if (before === undefined || before === target.real) return target;
  return `${target.path} led to ${before} when this call was approved and leads to ${target.real} now. Nothing was done; make the call again.`;
}

export const placed = (target: Target): Pick<ToolIntent, "path" | "outside"> => ({ path: target.real, outside: !target.inside });
