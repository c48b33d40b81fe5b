import type { SyntaxNode } from "../tree-sitter.ts";
import type { Simple, Word } from "./ast.ts";

/** Kinds of nodes that only syntax outside of the judged part has. */
const foreign = new Set([
  "ERROR",
  "function_definition",
  "subscript",
  "array",
  "declaration_command",
  "unset_command",
  "compound_statement_arithmetic",
  "c_style_for_statement",
  "translated_string",
  "brace_expression_list",
]);

/**
 * Whether tree-sitter sees exactly the commands, with exactly the words and assignments, that our parser saw. Two readings of
 * a language as odd as this one may both be wrong, but hardly in the same way: where they differ, nobody knows what would run.
 */
export function agrees(root: SyntaxNode, simples: readonly Simple[]): boolean {
  const theirs: string[] = [];
  const walk = (node: SyntaxNode): boolean => {
    if (foreign.has(node.type) || node.isMissing || node.isError) return false;
    if (node.type === "command") {
      const words = node.namedChildren.filter((child) => child !== null && !/^(variable_assignment|\w+_redirect)$/.test(child.type));
      theirs.push(words.map((child) => `${child!.startIndex}-${child!.endIndex}`).join(" "));
    } else if (node.type === "variable_assignment") theirs.push(`=${node.startIndex}-${node.endIndex}`);
    for (const child of node.children) if (child !== null && !walk(child)) return false;
    return true;
  };
  if (!walk(root)) return false;
  const range = ({ start, end }: Word) => `${start}-${end}`;
  const ours: string[] = [];
  for (const { words, assignments } of simples) {
    for (const { name, value } of assignments) ours.push(`=${value.start - name.length - 1}-${value.end}`);
    if (words.length > 0 && !isBracket(words[0]!)) ours.push(words.map(range).join(" "));
  }
  theirs.sort();
  ours.sort();
  return theirs.length === ours.length && theirs.every((range, at) => range === ours[at]);
}

/** `[ ... ]` is no command for tree-sitter. */
function isBracket({ parts }: Word): boolean {
  const [first] = parts;
  return parts.length === 1 && first?.kind === "text" && first.text === "[";
}
