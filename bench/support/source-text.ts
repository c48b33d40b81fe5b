import fs from "node:fs";
import path from "node:path";

const source = path.join(import.meta.dirname, "../../src");

/** This project's own sources in one piece: text that is at hand everywhere and of which there is enough to cut messages from. */
export const sourceText: string = fs
  .readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .sort()
  .map((name) => fs.readFileSync(path.join(source, name), "utf8"))
  .join("\n");
