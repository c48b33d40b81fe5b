import fs from "node:fs";
import { expect, test } from "vitest";
import { keyProblems } from "../../src/cli/key-problems.ts";
import { checkText } from "../../src/config/check.ts";
import { chosenTheme } from "../../src/ui/theme/index.ts";

const readme = fs.readFileSync("README.md", "utf8");
const section = readme.slice(readme.indexOf("## Configuration and trust"), readme.indexOf("## What it promises"));

test("the configuration that the README shows has no mistake", () => {
  const sample = section
    .split("\n")
    .filter((line) => line.startsWith("    "))
    .join("\n");
  expect(sample).toContain('"keys"');
  expect(checkText("README.md", sample, keyProblems).problems).toEqual([]);
});

test("the theme that the README shows is one", () => {
  const [, text = ""] = /`(\{"base".*?\})`/.exec(section) ?? [];
  const { base, ...styles } = JSON.parse(text) as Record<string, string>;
  expect(chosenTheme({ name: "x", base: base!, styles }, false).problems).toEqual([]);
});
