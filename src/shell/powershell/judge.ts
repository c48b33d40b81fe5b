import path from "node:path";
import { expandGlob } from "../bash/glob.ts";
import { known } from "../bash/state.ts";
import { splitPlain } from "../bash/judge.ts";
import { checkCommand } from "../catalogue/index.ts";
import { type Context, NotHarmless } from "../catalogue/spec.ts";
import { gitProblem } from "../git/repository.ts";
import { hijacked } from "../path-search.ts";
import { isDirectory, isInside, PathPolicy, realPath } from "../paths.ts";
import { parseRules } from "../rules.ts";
import type { Parse } from "../tree-sitter.ts";
import type { CheckRequest, Verdict } from "../types.ts";
import { type Cmdlet, cmdlets, type ValueKind } from "./cmdlets.ts";
import { type Argument, type Element, Parser, type Pipeline, Refusal } from "./parser.ts";

/** Characters that PowerShell takes for dashes and quotes, and people for something else. */
const lookalikes = /[\u2010-\u2015\u2018-\u201f\u2212`]/;
const catastrophes =
  /\b(format-volume|clear-disk|initialize-disk|remove-partition)\b|\b(remove-item|rm|ri|del|rmdir|rd|erase)\b(?=[^;|\n]*\s-r(e|ec|ecurse|f)?\b)[^;|\n]*\s["']?([A-Za-z]:\\?\*?|\/\*?|~[\\/]?\*?|\$home[\\/]?\*?|\$env:(userprofile|systemroot|windir)\\?\*?)["']?(\s|;|$|\|)/i;

/** Variables that hold nothing secret. */
const variables =
  /^\$(PSVersionTable|HOME|PWD|true|false|null|IsLinux|IsWindows|IsMacOS|PSHOME|PID|Host|PSCulture|LASTEXITCODE|env:(PATH|HOME|USER|USERNAME|COMPUTERNAME|TEMP|TMP|OS|LANG|PROCESSOR_ARCHITECTURE|NUMBER_OF_PROCESSORS))(\.\w+)*$/i;
const commonSwitches = new Set(["verbose", "debug"]);
const commonValues = new Set(["erroraction", "ea", "warningaction", "wa", "informationaction", "progressaction"]);

const condition =
  /^(?:\$_(?:\.[A-Za-z_]\w*)*|-(?:not|and|or|[ci]?(?:eq|ne|gt|ge|lt|le|like|notlike|match|notmatch|contains|notcontains|in))(?=\s)|!|'[^']*'|"[^"`$]*"|\d+(?:\.\d+)?(?:[kmgt]b)?|\$(?:true|false|null)|(?<![\w])\(|\)|,|\s)+$/i;
const member = /^\$_(?:\.[A-Za-z_]\w*)*$/;

/** Programs that are the same in both shells; their plain arguments are judged by the same catalogue. */
const programs = new Set(
  "git rg fd node npm python python3 pip pip3 go cargo rustc java jq hostname whoami uname wc head tail grep".split(" "),
);

let table: Map<string, { cmdlet: Cmdlet; switches: Set<string> }> | undefined;
function lookUp(name: string): { cmdlet: Cmdlet; switches: Set<string> } | undefined {
  table ??= new Map(
    cmdlets.flatMap((cmdlet) =>
      cmdlet.names.split(" ").map((name) => [name, { cmdlet, switches: new Set((cmdlet.switches ?? "").split(" ")) }] as const),
    ),
  );
  return table.get(name.toLowerCase());
}

export function judgePowerShell(request: CheckRequest, grammar: Parse): Verdict {
  const { command } = request;
  if (catastrophes.test(command)) return { decision: "deny", why: "it would remove a whole disk or home directory" };
  if (parseRules(request.rules, splitPlain).all) return { decision: "allow", why: "all commands are allowed" };
  try {
    if (lookalikes.test(command)) throw new Refusal("it holds backticks, or characters that look like dashes or quotes");
    const parser = new Parser(command);
    const pipelines = parser.script();
    if (grammar(parser.forGrammar()) === undefined) throw new Refusal("it is not understood");
    const judge = new Evaluator(request);
    for (const pipeline of pipelines) judge.pipeline(pipeline);
    return { decision: "allow", why: pipelines.length === 0 ? "it does nothing" : "it only reads" };
  } catch (error) {
    if (error instanceof Refusal || error instanceof NotHarmless || (error as Error).name === "Refusal")
      return { decision: "ask", why: (error as Error).message };
    throw error;
  }
}

class Evaluator {
  readonly #policy: PathPolicy;
  readonly #request: CheckRequest;
  #cwd: string;

  constructor(request: CheckRequest) {
    this.#request = request;
    this.#policy = new PathPolicy(request.cwd);
    this.#cwd = this.#policy.workspace;
  }

  pipeline({ elements }: Pipeline, nested = false): void {
    for (const [at, element] of elements.entries()) this.#element(element, at === 0, nested || elements.length > 1);
  }

  #element({ arguments: all }: Element, first: boolean, nested: boolean): void {
    const [head, ...rest] = all;
    if (head!.kind !== "word") {
      // An expression: a value, or what a pipeline in parentheses gives.
      if (!first || rest.length > 0) throw new Refusal("an expression is not plain");
      this.#value(head!, "any");
      return;
    }
    if (head!.quoted) {
      if (!first || rest.length > 0) throw new Refusal("an expression is not plain");
      return;
    }
    const name = head!.text;
    if (/^\d+$/.test(name) && rest.length === 0) return;
    const found = lookUp(name);
    if (found !== undefined) {
      this.#cmdlet(found.cmdlet, found.switches, rest);
      if (found.cmdlet.names.startsWith("set-location")) this.#goTo(rest, nested);
      return;
    }
    if (!programs.has(name)) throw new NotHarmless(`${name} is not known to be harmless`);
    this.#program(name, rest);
  }

  #cmdlet(cmdlet: Cmdlet, switches: Set<string>, all: readonly Argument[]): void {
    const [full] = cmdlet.names.split(" ");
    let operand = 0;
    for (let at = 0; at < all.length; at++) {
      const argument = all[at]!;
      if (argument.kind !== "parameter") {
        // `Where-Object Length -gt 10`: the first is a property's name.
        const kind = full === "where-object" && argument.kind === "word" ? "any" : (cmdlet.operands?.[operand] ?? cmdlet.rest);
        if (kind === undefined) throw new NotHarmless(`${full} takes no such argument when it is harmless`);
        operand++;
        this.#value(argument, kind);
        continue;
      }
      const name = argument.name.slice(1).toLowerCase();
      if (name !== "" && (switches.has(name) || commonSwitches.has(name))) continue;
      const kind = cmdlet.values && Object.hasOwn(cmdlet.values, name) ? cmdlet.values[name] : commonValues.has(name) ? "any" : undefined;
      const value = all[++at];
      if (kind === undefined || value === undefined || value.kind === "parameter")
        throw new NotHarmless(`${full} -${name} is not known to be harmless`);
      this.#value(value, kind);
    }
  }

  #value(argument: Argument, kind: ValueKind): void {
    if (argument.kind === "pipeline") {
      if (kind !== "any") throw new Refusal("a path is computed");
      this.pipeline(argument.body, true);
    } else if (argument.kind === "block") {
      const plain =
        kind === "condition"
          ? condition.test(argument.text) && !/[\w)]\(/.test(argument.text)
          : kind === "member" && member.test(argument.text);
      if (!plain) throw new Refusal("a script block is not plain");
    } else if (argument.kind === "variable") {
      if (kind !== "any" || !variables.test(argument.text)) throw new Refusal(`${argument.text} is not known, or may be secret`);
    } else if (argument.kind === "word") {
      if (kind === "condition" || kind === "member") throw new Refusal("it may call a method");
      if (kind === "any") return;
      for (const text of argument.items) this.#path(text, kind);
    }
  }

  #path(text: string, kind: "read" | "list"): void {
    const file = text.replaceAll("\\", "/");
    if (file.startsWith("//")) throw new NotHarmless(`${text} is on the network`);
    if (/^[A-Za-z]:(\/|$)/.test(file) && process.platform !== "win32") {
      if (kind === "read") throw new NotHarmless(`${text} is outside of the workspace`);
    } else if (/^[^/]*:/.test(file) && !/^[A-Za-z]:\//.test(file)) throw new NotHarmless(`${text} is no file`);
    if (/^~/.test(file)) throw new NotHarmless(`${text} is outside of the workspace`);
    const names = /[*?[]/.test(file) ? expandGlob({ text: file, active: new Array<boolean>(file.length).fill(true) }, this.#cwd) : [file];
    for (const name of [file, ...names]) {
      const why = kind === "read" ? this.#policy.read(this.#cwd, name) : this.#policy.list(this.#cwd, name);
      if (why !== undefined) throw new NotHarmless(why);
    }
  }

  #goTo(all: readonly Argument[], nested: boolean): void {
    const target = all.find((argument) => argument.kind === "word");
    const real = target?.kind === "word" ? realPath(this.#cwd, target.text.replaceAll("\\", "/")) : undefined;
    // A change that fails would leave the rest to run where it was.
    if (nested || real === undefined || !isInside(this.#policy.workspace, real) || !isDirectory(real))
      throw new Refusal("it leaves the workspace");
    this.#cwd = real;
  }

  #program(name: string, all: readonly Argument[]): void {
    const words = all.map((argument) => {
      const text = argument.kind === "parameter" ? argument.name : argument.kind === "word" ? argument.text : undefined;
      if (
        text === undefined ||
        /["]/.test(text) ||
        (argument.kind === "word" && argument.items.length > 1) ||
        (argument.kind === "word" && !argument.quoted && /[*?[\],~]/.test(text))
      )
        throw new Refusal(`${name} gets an argument that is not plain`);
      return known(text);
    });
    const { env } = this.#request;
    const why = path.sep === "/" ? hijacked(name, env ? env.PATH : process.env.PATH, this.#policy.workspace) : undefined;
    if (why !== undefined) throw new NotHarmless(why);
    const refuse = (): never => {
      throw new NotHarmless(`${name} would start something else`);
    };
    const context: Context = {
      cwds: [this.#cwd],
      home: env ? env.HOME : process.env.HOME,
      policy: this.#policy,
      input: "other",
      command: refuse,
      script: refuse,
      repository: gitProblem,
    };
    checkCommand(name, words, context);
  }
}
