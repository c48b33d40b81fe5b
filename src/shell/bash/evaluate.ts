import { checkCommand, isBuiltin } from "../catalogue/index.ts";
import { type Context, NotHarmless, type Output, single } from "../catalogue/spec.ts";
import { gitProblem } from "../git/repository.ts";
import { hijacked } from "../path-search.ts";
import { isDirectory, isInside, type PathPolicy, realPath } from "../paths.ts";
import { type Command, type List, type Pipeline, type Redirect, Refusal, type Simple, type Word } from "./ast.ts";
import { expandSingle, expandWords, type Surroundings, visit } from "./expand.ts";
import { literalText } from "./words.ts";
import { type Argument, fromPaths, known, merge, type State, unknown, type Value, withVariable } from "./state.ts";

/** One simple command that must be asked about; a rule may cover it when all its words are plain. */
export type Finding = { why: string; words: string[] | undefined };

type After = { ok: State; failed: State };
const same = (state: State): After => ({ ok: state, failed: state });

/** Variables that only change how text is shown. */
const harmlessNames =
  /^(LC_[A-Z]+|LANG|LANGUAGE|TZ|NO_COLOR|FORCE_COLOR|CLICOLOR|CLICOLOR_FORCE|COLUMNS|LINES|TERM|GIT_PAGER_IN_USE|GIT_OPTIONAL_LOCKS|GIT_TERMINAL_PROMPT)$/;
/** Names for a command's own use. One that is exported could steer a program; these are not exported by anybody. */
const localNames =
  /^(?!npm_|pnpm_|yarn_|pip_|\w*_?proxy$)([a-z][a-z0-9_]*|FILES?|DIR|DIRS|ROOT|NAME|SRC|COUNT|TOTAL|[A-Z]|PATTERN|RESULT|BRANCH|BASE|HASH|COMMIT|SHA|LINE|OUTPUT|VERSION)$/;

export type Evaluation = {
  policy: PathPolicy;
  searchPath: string | undefined;
  home: string | undefined;
  /** Judges another script (`bash -c`) with the same findings. */
  script(text: string, state: State): void;
  /** True when a rule of the user covers these words. */
  allowed(words: readonly string[]): boolean;
};

/** Goes through a command as bash would, knowing each word as far as it can be known, and notes what is not harmless. */
export class Evaluator {
  readonly #evaluation: Evaluation;
  readonly findings: Finding[] = [];
  readonly #surroundings: Surroundings;

  constructor(evaluation: Evaluation) {
    this.#evaluation = evaluation;
    this.#surroundings = {
      home: evaluation.home,
      substitution: (body, state) => this.#substitution(body, state),
    };
  }

  /** @throws Refusal for what no rule can cover */
  run(list: List, state: State, input: Exclude<Output, "same"> = "other"): { after: State; output: Exclude<Output, "same"> } {
    let current = state;
    let output: Exclude<Output, "same"> | undefined;
    for (const chain of list.chains) {
      let after = same(current);
      chain.pipelines.forEach((pipeline, at) => {
        const operator = at === 0 ? ";" : chain.operators[at - 1];
        const before = operator === "&&" ? after.ok : operator === "||" ? after.failed : current;
        const result = this.#pipeline(pipeline, before, input);
        output = output === undefined || output === result.output ? result.output : "other";
        if (operator === "&&") after = { ok: result.after.ok, failed: merge(after.failed, result.after.failed) };
        else if (operator === "||") after = { ok: merge(after.ok, result.after.ok), failed: result.after.failed };
        else after = result.after;
      });
      current = merge(after.ok, after.failed);
    }
    return { after: current, output: output ?? "other" };
  }

  #substitution(body: List, state: State): Value {
    return this.run(body, state).output === "paths" ? fromPaths : unknown;
  }

  #pipeline(
    { negated, commands }: Pipeline,
    state: State,
    input: Exclude<Output, "same">,
  ): { after: After; output: Exclude<Output, "same"> } {
    if (commands.length === 1) {
      const { after, output } = this.#command(commands[0]!, state, input);
      return { after: negated ? { ok: after.failed, failed: after.ok } : after, output };
    }
    let flow = input;
    // Each runs in a shell of its own: what it changes ends with it.
    for (const command of commands) flow = this.#command(command, state, flow).output;
    return { after: same(state), output: flow };
  }

  #command(command: Command, state: State, input: Exclude<Output, "same">): { after: After; output: Exclude<Output, "same"> } {
    if (command.kind === "simple") return this.#simple(command, state, input);
    this.#redirects(command.redirects, state);
    if (command.redirects.some(({ operator }) => operator.startsWith("<"))) input = "other";
    switch (command.kind) {
      case "group": {
        const { after, output } = this.run(command.body, state, input);
        return { after: same(command.subshell ? state : after), output };
      }
      case "for": {
        const values = expandWords(command.words, state, this.#surroundings);
        let value: Value = values[0] ?? known("");
        if (values.every((one) => one.kind === "known"))
          value = known(...new Set(values.flatMap((one) => (one.kind === "known" ? one.values : []))));
        else if (values.length > 1 || value.kind === "known") value = unknown;
        if (value.kind === "known" && value.values.length === 0) value = known("");
        if (!localNames.test(command.name)) throw new Refusal(`it sets ${command.name}`);
        const entry = this.#forget(command.body, state);
        const { after, output } = this.#body(command.body, withVariable(entry, command.name, value), input);
        return { after: same(merge(entry, after)), output };
      }
      case "while": {
        const entry = this.#forget(command.body, this.#forget(command.condition, state));
        const condition = this.#body(command.condition, entry, input).after;
        const { after, output } = this.#body(command.body, condition, input);
        return { after: same(merge(entry, after)), output: onlyReads(command.condition) ? output : "other" };
      }
      case "if": {
        let before = state;
        let result: State | undefined;
        const branch = (body: List, from: State) => {
          result = merge(result, this.run(body, from, input).after);
        };
        for (const { condition, body } of command.branches) {
          before = this.run(condition, before, input).after;
          branch(body, before);
        }
        if (command.otherwise) branch(command.otherwise, before);
        else result = merge(result, before);
        return { after: same(result!), output: "other" };
      }
      case "case": {
        visit(command.subject, state, this.#surroundings);
        let result = state;
        for (const { patterns, body } of command.arms) {
          for (const pattern of patterns) visit(pattern, state, this.#surroundings);
          // An arm may have run before the next one's patterns are looked at only with ;& , which is refused.
          if (body.chains.length > 0) result = merge(result, this.run(body, state, input).after);
        }
        return { after: same(result), output: "other" };
      }
      case "test":
        this.#test(command.tokens, state);
        return { after: same(state), output: "other" };
    }
  }

  /** A loop's body: it may run again, so a change of directory in it could add up. */
  #body(body: List, state: State, input: Exclude<Output, "same">): { after: State; output: Exclude<Output, "same"> } {
    const result = this.run(body, state, input);
    if (result.after.cwds.some((cwd) => !state.cwds.includes(cwd))) throw new Refusal("a loop changes the directory");
    return result;
  }

  /** Before a loop nothing is known of the variables that it sets. */
  #forget(body: List, state: State): State {
    const names = new Set<string>();
    const list = ({ chains }: List): void => {
      for (const chain of chains) for (const pipeline of chain.pipelines) for (const command of pipeline.commands) visitCommand(command);
    };
    const visitCommand = (command: Command): void => {
      if (command.kind === "simple") {
        for (const { name } of command.assignments) names.add(name);
        if (command.words[0] && literalText(command.words[0], true) === "read")
          for (const word of command.words) names.add(literalText(word, true) ?? "");
      } else if (command.kind === "for") {
        names.add(command.name);
        list(command.body);
      } else if (command.kind === "if") {
        for (const branch of command.branches) {
          list(branch.condition);
          list(branch.body);
        }
        if (command.otherwise) list(command.otherwise);
      } else if (command.kind === "case") for (const arm of command.arms) list(arm.body);
      else if (command.kind === "group") list(command.body);
      else if (command.kind === "while") {
        list(command.condition);
        list(command.body);
      }
    };
    list(body);
    let result = state;
    for (const name of names) if (name !== "") result = withVariable(result, name, unknown);
    return result;
  }

  #redirects(redirects: readonly Redirect[], state: State): void {
    for (const { operator, target, hereDocument } of redirects) {
      if (hereDocument !== undefined) {
        visit({ start: 0, end: 0, parts: hereDocument }, state, this.#surroundings);
        continue;
      }
      if (operator === "<<" || operator === "<<-") continue;
      if (operator === "<<<") {
        visit(target, state, this.#surroundings);
        continue;
      }
      const [first, ...more] = expandWords([target], state, this.#surroundings);
      if (first === undefined || more.length > 0 || first.kind !== "known")
        throw new Refusal("a redirect's file is not known before it runs");
      for (const file of first.values) {
        if (operator === ">&" || operator === "<&") {
          if (/^\d+-?$|^-$/.test(file)) continue;
          if (operator === "<&") throw new Refusal("a redirect is not understood");
        }
        if (file === "/dev/null") continue;
        if (operator !== "<") {
          if (file === "/dev/stderr" || file === "/dev/stdout") continue;
          throw new Refusal(`it writes to ${file}`);
        }
        for (const cwd of state.cwds) {
          const why = this.#evaluation.policy.read(cwd, file === "-" ? "./-" : file);
          if (why !== undefined) throw new Refusal(why);
        }
      }
    }
  }

  #test(tokens: readonly (Word | string)[], state: State): void {
    const values = tokens.map((token) => (typeof token === "string" ? token : (literalText(token) ?? token)));
    values.forEach((value, at) => {
      if (typeof value !== "string") {
        visit(value, state, this.#surroundings);
        return;
      }
      if (/^-(v|R|o)$/.test(value)) throw new Refusal(`[[ ${value} ]] may compute`);
      if (/^-(eq|ne|lt|le|gt|ge)$/.test(value)) {
        // Both sides are computed, and computing runs substitutions inside of the values.
        for (const side of [tokens[at - 1], tokens[at + 1]]) {
          const known = side === undefined || typeof side === "string" ? undefined : expandSingle(side, state, this.#surroundings);
          if (known?.kind !== "known" || !known.values.every((text) => /^-?\d+$/.test(text)))
            throw new Refusal("[[ ]] computes with something other than numbers");
        }
      }
    });
  }

  #simple(simple: Simple, state: State, input: Exclude<Output, "same">): { after: After; output: Exclude<Output, "same"> } {
    this.#redirects(simple.redirects, state);
    if (simple.redirects.some(({ operator }) => operator.startsWith("<"))) input = "other";
    if (simple.words.length === 0) {
      let after = state;
      for (const { name, value } of simple.assignments) {
        if (!localNames.test(name) && !harmlessNames.test(name)) throw new Refusal(`it sets ${name}`);
        after = withVariable(after, name, expandSingle(value, after, this.#surroundings));
      }
      return { after: same(after), output: "other" };
    }
    const readsLines = literalText(simple.words[0]!) === "read";
    for (const { name, value } of simple.assignments) {
      if (!harmlessNames.test(name) && !(readsLines && name === "IFS")) throw new Refusal(`it sets ${name} for a command`);
      visit(value, state, this.#surroundings);
    }
    const words = expandWords(simple.words, state, this.#surroundings);
    const plain = words.map(single);
    const name = plain[0];
    if (name === "cd" && simple.assignments.length === 0) return { after: this.#cd(words, state), output: "other" };
    if (name === "read") return { after: same(this.#read(plain, state, input)), output: "other" };
    try {
      return { after: same(state), output: this.#words(words, state, input) };
    } catch (error) {
      if (!(error instanceof NotHarmless)) throw error;
      const static_ = plain.every((word) => word !== undefined) ? (plain as string[]) : undefined;
      this.findings.push({ why: error.message, words: simple.assignments.length === 0 ? static_ : undefined });
      return { after: same(state), output: "other" };
    }
  }

  /** `inner`: started by a wrapper, which does not know the shell's builtins. */
  #words(words: readonly Argument[], state: State, input: Exclude<Output, "same">, inner = false): Exclude<Output, "same"> {
    const plain = words.map(single);
    if (plain.every((word) => word !== undefined) && this.#evaluation.allowed(plain as string[])) return "other";
    const name = commandName(words[0]);
    const { policy, searchPath } = this.#evaluation;
    if (inner || !isBuiltin(name)) {
      const why = hijacked(name, searchPath, policy.workspace);
      if (why !== undefined) throw new NotHarmless(why);
    }
    const context: Context = {
      cwds: state.cwds,
      home: this.#evaluation.home,
      policy,
      input,
      command: (command, more) => this.#words(more === undefined ? command : [...command, more], state, "other", true),
      script: (text) => this.#evaluation.script(text, state),
      repository: (cwd) => gitProblem(cwd),
    };
    const output = checkCommand(name, words.slice(1), context);
    return output === "same" ? input : output;
  }

  #cd(words: readonly Argument[], state: State): After {
    const plain = words.slice(1).map(single);
    const target = plain[0] === "--" ? plain[1] : plain[0];
    if (plain.length !== (plain[0] === "--" ? 2 : 1) || target === undefined || target === "" || target.startsWith("-"))
      throw new Refusal("it changes to a directory that is not known");
    const { policy } = this.#evaluation;
    let certain = true;
    const cwds = state.cwds.map((cwd) => {
      const real = realPath(cwd, target);
      if (real === undefined || !isInside(policy.workspace, real)) throw new Refusal(`it leaves the workspace for ${target}`);
      if (!isDirectory(real)) certain = false;
      return real;
    });
    const ok = { cwds: [...new Set(cwds)], variables: state.variables };
    return { ok, failed: certain ? ok : state };
  }

  #read(plain: readonly (string | undefined)[], state: State, input: Exclude<Output, "same">): State {
    let after = state;
    for (const word of plain.slice(1)) {
      if (word === "-r") continue;
      if (word === undefined || !localNames.test(word)) throw new Refusal("read sets a variable that is not plain");
      after = withVariable(after, word, input === "paths" && plain.length === 3 ? fromPaths : unknown);
    }
    if (after === state) throw new Refusal("read sets no variable");
    return after;
  }
}

const systemPrefix = /^(\/usr)?\/(s?bin|local\/bin)\/(?=[^/]+$)/;

function commandName(word: Argument | undefined): string {
  const text = single(word);
  if (text === undefined || text === "") throw new NotHarmless("its name is not known before it runs");
  const name = text.replace(systemPrefix, "");
  if (name.includes("/")) throw new NotHarmless(`${text} is a program of its own`);
  return name;
}

/** Whether a loop's condition is `read` alone, which prints nothing. */
function onlyReads({ chains }: List): boolean {
  const [chain] = chains;
  const [pipeline] = chain?.pipelines ?? [];
  const [command] = pipeline?.commands ?? [];
  return (
    chains.length === 1 &&
    chain?.pipelines.length === 1 &&
    pipeline?.commands.length === 1 &&
    command?.kind === "simple" &&
    command.words[0] !== undefined &&
    literalText(command.words[0]) === "read"
  );
}
