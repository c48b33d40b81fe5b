import { z } from "zod";
import type { Tool, ToolContext, ToolIntent, ToolResult } from "../contracts/tool.ts";
import type { ToolSpec } from "../contracts/wire-format.ts";
import { agent } from "./agent/tool.ts";
import { agenticFetch } from "./agentic_fetch/tool.ts";
import { bash } from "./bash/tool.ts";
import { download } from "./download/tool.ts";
import { edit } from "./edit/tool.ts";
import { fetch } from "./fetch/tool.ts";
import { glob } from "./glob/tool.ts";
import { grep } from "./grep/tool.ts";
import { jobKill } from "./job_kill/tool.ts";
import { jobOutput } from "./job_output/tool.ts";
import { ls } from "./ls/tool.ts";
import { multiedit } from "./multiedit/tool.ts";
import { presentPlan } from "./present_plan/tool.ts";
import { questionTool } from "./question/tool.ts";
import { jsonSchema } from "./shared/json-schema.ts";
import { failure } from "./shared/text.ts";
import { sourcegraph } from "./sourcegraph/tool.ts";
import { todos } from "./todos/tool.ts";
import { view } from "./view/tool.ts";
import { webFetch } from "./web_fetch/tool.ts";
import { webSearch } from "./web_search/tool.ts";
import { write } from "./write/tool.ts";

/** All tools, by name: the order in which the model is told of them, which must be stable for its provider's prompt cache. */
export const tools: readonly Tool[] = [
  agent,
  agenticFetch,
  bash,
  download,
  edit,
  fetch,
  glob,
  grep,
  jobKill,
  jobOutput,
  ls,
  multiedit,
  presentPlan,
  questionTool,
  sourcegraph,
  todos,
  view,
  webFetch,
  webSearch,
  write,
]
  .map((tool) => guarded(tool as unknown as Tool))
  .sort((a, b) => (a.name < b.name ? -1 : 1));

/** What the model is told of the tools that are not disabled. */
export function toolSpecs(offered: readonly Tool[], disabled: readonly string[]): ToolSpec[] {
  return offered
    .filter((tool) => !disabled.includes(tool.name))
    .map((tool) => ({ name: tool.name, description: tool.description.trim(), parameters: jsonSchema(tool.input) }));
}

/**
 * The input of a call as its tool's schema has it, or the text of an error that the model can learn from.
 * @param raw  argument text as the model wrote it; empty counts as no arguments
 */
export function parseInput(tool: Tool, raw: string): { input: unknown } | { error: string } {
  let value: unknown;
  try {
    value = raw.trim() === "" ? {} : JSON.parse(raw);
  } catch (error) {
    return { error: `The arguments of ${tool.name} are not valid JSON: ${(error as Error).message}` };
  }
  const parsed = tool.input.safeParse(value);
  if (parsed.success) return { input: parsed.data };
  return { error: `The arguments of ${tool.name} do not fit:\n${z.prettifyError(parsed.error)}` };
}

/** A typed mistake of the outside world (no such file, disk full) is a result that the model reads; anything else is a bug of ours and passes. */
function guarded(tool: Tool): Tool {
  const isCoded = (error: unknown): error is Error =>
    error instanceof Error && error.name !== "AbortError" && typeof (error as { code?: unknown }).code === "string";
  return {
    ...tool,
    async intent(input: unknown, context: ToolContext): Promise<ToolIntent> {
      try {
        return await tool.intent(input, context);
      } catch (error) {
        if (!isCoded(error)) throw error;
        return { action: "none", title: tool.name, refuse: error.message };
      }
    },
    async run(input: unknown, context: ToolContext): Promise<ToolResult> {
      try {
        return await tool.run(input, context);
      } catch (error) {
        if (context.signal.aborted || !isCoded(error)) throw error;
        return failure(error.message);
      }
    },
  };
}
