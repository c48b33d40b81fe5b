import { z } from "zod";
import type { Tool } from "../../contracts/tool.ts";
import type { ToolSpec } from "../../contracts/wire-format.ts";

/** The tools by name, in the order in which the model is told of them: sorted, so that the provider's prompt cache holds. */
export class Toolbox {
  readonly #tools: ReadonlyMap<string, Tool>;
  readonly #specs: ReadonlyMap<string, ToolSpec>;

  constructor(tools: readonly Tool[]) {
    const sorted = [...tools].sort((a, b) => (a.name < b.name ? -1 : 1));
    this.#tools = new Map(sorted.map((tool) => [tool.name, tool]));
    this.#specs = new Map(
      sorted.map((tool) => [tool.name, { name: tool.name, description: tool.description, parameters: parameters(tool) }]),
    );
  }

  get(name: string): Tool | undefined {
    return this.#tools.get(name);
  }

  specs(disabled: readonly string[]): ToolSpec[] {
    return [...this.#specs.values()].filter((spec) => !disabled.includes(spec.name));
  }
}

function parameters(tool: Tool): Record<string, unknown> {
  // `$schema` is dropped: some providers refuse keys that they do not know.
  const { $schema: _, ...schema } = z.toJSONSchema(tool.input, { io: "input" }) as Record<string, unknown>;
  return schema;
}
