import { createRequire } from "node:module";
import path from "node:path";
import type * as TreeSitter from "@vscode/tree-sitter-wasm";

export type SyntaxNode = TreeSitter.Node;
export type Parse = (source: string) => SyntaxNode | undefined;

const require = createRequire(import.meta.url);
const modulePath = "@vscode/tree-sitter-wasm/wasm/tree-sitter.js";

/** Loads the grammars of both shells, about 25 ms. @throws when the package is not installed */
export async function loadGrammars(): Promise<{ bash: Parse; powershell: Parse }> {
  const { Parser, Language } = require(modulePath) as typeof TreeSitter;
  const directory = path.dirname(require.resolve(modulePath));
  await Parser.init({ locateFile: (file: string) => path.join(directory, file) });
  const [bash, powershell] = await Promise.all(
    ["bash", "powershell"].map(async (name) => {
      const parser = new Parser();
      parser.setLanguage(await Language.load(path.join(directory, `tree-sitter-${name}.wasm`)));
      return parser;
    }),
  );
  return { bash: parseWith(bash!), powershell: parseWith(powershell!) };
}

let last: TreeSitter.Tree | null = null;

const parseWith =
  (parser: TreeSitter.Parser): Parse =>
  (source) => {
    // WASM memory is not collected: the tree before this one has been read by now.
    last?.delete();
    last = parser.parse(source);
    return last === null || last.rootNode.hasError ? undefined : last.rootNode;
  };
