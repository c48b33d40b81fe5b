import { configJsonSchema } from "../../config/index.ts";

/** `crush schema`: the JSON Schema of crush.json, for editors. */
export function schemaCommand(): number {
  process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
  return 0;
}
