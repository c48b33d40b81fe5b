/** A piece of a word. Offsets are UTF-16 units of the source that was given. */
export type Part =
  | { kind: "text"; text: string; quoted: boolean }
  /** `quoted`: inside double quotes. `any`: cut or measured (`${x%.ts}`, `${#x}`), so that its value is not known. */
  | { kind: "variable"; name: string; quoted: boolean; fallback?: string; any?: boolean }
  | { kind: "substitution"; body: List; quoted: boolean }
  | { kind: "process"; body: List }
  | { kind: "number" };

export type Word = { start: number; end: number; parts: Part[] };
export type Assignment = { name: string; value: Word };
export type Redirect = { operator: string; fd: string; target: Word; hereDocument?: Part[] };

export type Simple = { kind: "simple"; start: number; assignments: Assignment[]; words: Word[]; redirects: Redirect[] };
export type Command =
  | Simple
  | { kind: "group"; subshell: boolean; body: List; redirects: Redirect[] }
  | { kind: "for"; name: string; words: Word[]; body: List; redirects: Redirect[] }
  | { kind: "while"; condition: List; body: List; redirects: Redirect[] }
  | { kind: "if"; branches: { condition: List; body: List }[]; otherwise?: List; redirects: Redirect[] }
  | { kind: "case"; subject: Word; arms: { patterns: Word[]; body: List }[]; redirects: Redirect[] }
  | { kind: "test"; tokens: (Word | string)[]; redirects: Redirect[] };
export type Pipeline = { negated: boolean; commands: Command[] };
/** One and-or chain: `operators[i]` stands before `pipelines[i + 1]`. */
export type Chain = { pipelines: Pipeline[]; operators: ("&&" | "||")[] };
export type List = { chains: Chain[] };

/** The command is outside of the part of the shell language that is judged: it is asked about. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}
