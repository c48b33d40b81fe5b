import { catastrophe } from "../catastrophe.ts";
import { PathPolicy } from "../paths.ts";
import { patternFor } from "../pattern.ts";
import { matchesRule, parseRules } from "../rules.ts";
import type { Parse } from "../tree-sitter.ts";
import type { CheckRequest, Verdict } from "../types.ts";
import { agrees } from "./agreement.ts";
import { type List, Refusal, type Simple } from "./ast.ts";
import { Evaluator } from "./evaluate.ts";
import { Parser } from "./parser.ts";
import { literalText } from "./words.ts";
import type { State } from "./state.ts";

/** The parsed script and its simple commands. @throws Refusal */
export function parseBash(source: string, grammar: Parse): { list: List; simples: Simple[] } {
  const parser = new Parser(source);
  const list = parser.script();
  const root = grammar(source);
  if (root === undefined) throw new Refusal("it is not understood");
  if (!agrees(root, parser.seen)) throw new Refusal("it can be read in more than one way");
  return { list, simples: parser.seen };
}

/** Words of one plain simple command; undefined when it is anything else. */
export function splitPlain(source: string): string[] | undefined {
  try {
    const parser = new Parser(source);
    const { chains } = parser.script();
    const command = chains[0]?.pipelines[0]?.commands[0];
    if (chains.length !== 1 || parser.seen.length !== 1 || command?.kind !== "simple") return undefined;
    if (chains[0]!.pipelines.length !== 1 || chains[0]!.pipelines[0]!.negated || command.assignments.length + command.redirects.length > 0)
      return undefined;
    const words = command.words.map((word) => literalText(word, true));
    return words.every((word) => word !== undefined) ? (words as string[]) : undefined;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

export function judgeBash(request: CheckRequest, grammar: Parse): Verdict {
  const { command, rules: texts } = request;
  const rules = parseRules(texts, splitPlain);
  const home = request.env ? request.env.HOME : process.env.HOME;
  let parsed: { list: List; simples: Simple[] };
  try {
    parsed = parseBash(command, grammar);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const why = catastrophe([], command, home);
    if (why !== undefined) return { decision: "deny", why };
    return rules.all ? { decision: "allow", why: "all commands are allowed" } : { decision: "ask", why: error.message };
  }
  const worst = catastrophe(parsed.simples, command, home);
  if (worst !== undefined) return { decision: "deny", why: worst };
  if (rules.all) return { decision: "allow", why: "all commands are allowed" };
  if (parsed.list.chains.length === 0) return { decision: "allow", why: "it does nothing" };
  const policy = new PathPolicy(request.cwd);
  const evaluator = new Evaluator({
    policy,
    home,
    searchPath: request.env ? request.env.PATH : process.env.PATH,
    allowed: (words) => rules.patterns.some((pattern) => matchesRule(pattern, words)),
    script: (text, state) => evaluator.run(parseBash(text, grammar).list, state),
  });
  const state: State = { cwds: [policy.workspace], variables: new Map() };
  try {
    evaluator.run(parsed.list, state);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { decision: "ask", why: error.message };
  }
  const [first] = evaluator.findings;
  if (first === undefined) return { decision: "allow", why: "it only reads" };
  const pattern = evaluator.findings.length === 1 && first.words ? patternFor(first.words, splitPlain) : undefined;
  return { decision: "ask", why: first.why, ...(pattern !== undefined && { pattern }) };
}
