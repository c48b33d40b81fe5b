import type { Tool } from "../../contracts/tool.ts";
import type { ToolSpec } from "../../contracts/wire-format.ts";

/** The tools by name, and what the model is told of them: in one order, so that the provider's prompt cache holds. */
export class Toolbox {
  readonly #tools: ReadonlyMap<string, Tool>;
  readonly #specsOf: (tools: readonly Tool[], disabled: readonly string[]) => ToolSpec[];
  /** Made with the first prompt: the schemas take milliseconds that the start of a server does not have. */
  #specs: readonly ToolSpec[] | undefined;

  constructor(tools: readonly Tool[], specsOf: (tools: readonly Tool[], disabled: readonly string[]) => ToolSpec[]) {
    this.#tools = new Map([...tools].sort((a, b) => (a.name < b.name ? -1 : 1)).map((tool) => [tool.name, tool]));
    this.#specsOf = specsOf;
  }

  get(name: string): Tool | undefined {
    return this.#tools.get(name);
  }

  /** @param only  the tools of an agent, those included that only agents have */
  specs(disabled: readonly string[], only?: readonly string[]): ToolSpec[] {
    return this.#all().filter(
      ({ name }) => !disabled.includes(name) && (only === undefined ? this.#tools.get(name)?.offered === undefined : only.includes(name)),
    );
  }

  /** Tools of which a model hears only then. */
  specsFor(offered: NonNullable<Tool["offered"]>): ToolSpec[] {
    return this.#all().filter(({ name }) => this.#tools.get(name)?.offered === offered);
  }

  #all(): readonly ToolSpec[] {
    this.#specs ??= this.#specsOf([...this.#tools.values()], []);
    return this.#specs;
  }
}
