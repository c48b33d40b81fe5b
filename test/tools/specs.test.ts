import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { parseInput, toolSpecs, tools } from "../../src/tools/index.ts";

const recorded = path.resolve("../shared/data/replay/cassettes.json");

test("the tools are offered under Crush's names, in the order of their names", () => {
  expect(tools.filter(({ offered }) => offered === undefined).map((tool) => tool.name)).toEqual([
    "agent",
    "agentic_fetch",
    "bash",
    "download",
    "edit",
    "fetch",
    "glob",
    "grep",
    "job_kill",
    "job_output",
    "ls",
    "multiedit",
    "question",
    "sourcegraph",
    "todos",
    "view",
    "write",
  ]);
});

test("a disabled tool is not told of", () => {
  expect(toolSpecs(tools, ["bash", "nothing"]).map((spec) => spec.name)).not.toContain("bash");
  expect(toolSpecs(tools, ["bash"])).toHaveLength(tools.length - 1);
});

test("a schema is plain: no $schema, no additionalProperties, no bounds that say nothing", () => {
  const text = JSON.stringify(toolSpecs(tools, []).map((spec) => spec.parameters));
  expect(text).not.toMatch(/\$schema|additionalProperties|9007199254740991|\$ref|anyOf/);
  for (const spec of toolSpecs(tools, [])) {
    expect(spec.parameters).toMatchObject({ type: "object" });
    expect(spec.description.length).toBeGreaterThan(100);
  }
});

type Schema = { properties: Record<string, { type: string; items?: unknown }>; required: string[] };

test.skipIf(!fs.existsSync(recorded))(
  "names, types and required parameters are those that a real session was recorded with (skipped without ../shared)",
  () => {
    const { toolSchemas } = JSON.parse(fs.readFileSync(recorded, "utf8")) as { toolSchemas: { name: string; parameters: Schema }[] };
    const ours = new Map(toolSpecs(tools, []).map((spec) => [spec.name, spec.parameters as Schema]));
    let compared = 0;
    for (const { name, parameters } of toolSchemas) {
      const own = ours.get(name)!;
      expect(Object.keys(own.properties).sort(), name).toEqual(Object.keys(parameters.properties).sort());
      expect([...own.required].sort(), name).toEqual([...parameters.required].sort());
      for (const [key, schema] of Object.entries(parameters.properties))
        expect(own.properties[key]!.type, `${name}.${key}`).toBe(schema.type);
      compared++;
    }
    expect(compared).toBe(11);
  },
);

test("arguments as models really write them are read as meant", () => {
  const view = tools.find((tool) => tool.name === "view")!;
  expect(parseInput(view, '{"file_path":"a","offset":"12","limit":null}')).toEqual({ input: { file_path: "a", offset: 12 } });
  const bash = tools.find((tool) => tool.name === "bash")!;
  expect(parseInput(bash, '{"command":"ls","description":"","run_in_background":"false"}')).toEqual({
    input: { command: "ls", description: "", run_in_background: false },
  });
  const multiedit = tools.find((tool) => tool.name === "multiedit")!;
  expect(parseInput(multiedit, JSON.stringify({ file_path: "a", edits: '[{"old_string":"x","new_string":"y"}]' }))).toMatchObject({
    input: { edits: [{ old_string: "x" }] },
  });
});

test("arguments that do not fit give an error that names the parameter", () => {
  const view = tools.find((tool) => tool.name === "view")!;
  expect(parseInput(view, "{}")).toMatchObject({ error: expect.stringContaining("file_path") });
  expect(parseInput(view, '{"file_path":')).toMatchObject({ error: expect.stringContaining("not valid JSON") });
  expect(parseInput(view, '{"file_path":"a","offset":-1}')).toMatchObject({ error: expect.stringContaining("offset") });
});
