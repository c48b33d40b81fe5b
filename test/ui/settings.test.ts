import { expect, test } from "vitest";
import { keyProblems } from "../../src/cli/key-problems.ts";
import { colourPalette, colourRgb } from "../../src/contracts/view.ts";
import { bindable } from "../../src/contracts/keys.ts";
import { parseStroke } from "../../src/terminal/input/stroke.ts";
import { commands } from "../../src/ui/commands.ts";
import { tables } from "../../src/ui/keys/keymap.ts";
import { UserKeys } from "../../src/ui/keys/user-keys.ts";
import { ansi } from "../../src/ui/theme/ansi.ts";
import { dark } from "../../src/ui/theme/dark.ts";
import { chosenTheme } from "../../src/ui/theme/index.ts";
import { light } from "../../src/ui/theme/light.ts";
import { parseStyle } from "../../src/ui/theme/parse.ts";
import { answered, permission, Stage, turn, user } from "./support.ts";

test("what a configuration may bind is what the screen knows", () => {
  expect(commands.length).toBeGreaterThan(0);
  const known = Object.fromEntries([...tables].map(([scope, table]) => [scope, Object.keys(table).sort()]));
  expect(known).toEqual(Object.fromEntries(Object.entries(bindable).map(([scope, actions]) => [scope, [...actions].sort()])));
});

test("every key of the tables is a key that a configuration can name", () => {
  for (const table of tables.values()) for (const stroke of Object.values(table).flat()) expect(parseStroke(stroke)).toBe(stroke);
});

test.each([
  ["Ctrl+K", "ctrl+k"],
  ["control+shift+Up", "ctrl+shift+up"],
  ["shift+alt+enter", "alt+shift+enter"],
  ["shift+a", "A"],
  ["esc", "escape"],
  ["PgDn", "pagedown"],
  ["ctrl++", "ctrl++"],
  ["+", "+"],
  ["ä", "ä"],
  ["f12", "f12"],
  ["crtl+k", undefined],
  ["ctrl+", undefined],
  ["f99", undefined],
  ["enterr", undefined],
  ["", undefined],
  ["\u001b", undefined],
])("a key is written as %j", (text, stroke) => {
  expect(parseStroke(text)).toBe(stroke);
});

test("scopes, actions and keys that do not exist, and keys given twice, are each named", () => {
  const keys = {
    globl: { help: ["f1"] },
    global: { hlep: ["f1"], help: ["f1", "crtl+h"], models: ["f1"] },
    always: { quit: [] },
    editor: { send: "ctrl+enter" },
  };
  const problems = keyProblems({ options: { node: { keys } } });
  expect(problems.map(({ path, message }) => `${path.slice(3).join(".")}: ${message}`)).toEqual([
    'globl: is no scope; did you mean "global"?',
    'global.hlep: is no action; did you mean "help"?',
    expect.stringContaining('global.help: there is no key "crtl+h"'),
    "global.models: f1 is given to help already",
    expect.stringContaining("always.quit: keeps its keys"),
  ]);
});

test("a key of the user's takes it from the action that had it, and an action has only what it is given", () => {
  const keys = new UserKeys({ global: { help: ["ctrl+p"], sessions: [], models: ["nonsense"] }, always: { quit: [] } });
  expect(keys.action("global", "ctrl+p")).toBe("help");
  expect(keys.action("global", "ctrl+g")).toBeUndefined();
  expect(keys.of("global")).toMatchObject({ commands: [], sessions: [], models: ["ctrl+l", "ctrl+m"] });
  expect(keys.action("always", "ctrl+c")).toBe("quit");
  expect([keys.hint("ctrl+g"), keys.hint("ctrl+p"), keys.hint("ctrl+n")]).toEqual(["ctrl+p", "", "ctrl+n"]);
  // Nobody can take the key to leave away.
  expect(new UserKeys({ always: { suspend: ["ctrl+c"] } }).action("always", "ctrl+c")).toBe("quit");
});

const settings = (keys = {}, theme: object = { name: "auto" }) => ({
  replies: { "ui.settings": () => ({ theme: theme as { name: string }, keys }) },
});

test("bound keys work, the old ones do not, and the help shows what is bound", async () => {
  const stage = new Stage(settings({ global: { help: ["f1"] }, editor: { send: ["alt+enter"], newline: ["enter"] } }));
  await stage.settle();
  expect(await stage.type("\u0007")).not.toContain("Help");
  const help = await stage.type("\u001bOP");
  expect(help).toContain("Help");
  expect(help).toMatch(/help\s+f1/);
  expect(help).not.toContain("ctrl+g");
  await stage.type("\u001bOP");
  await stage.host.pass(100);
  await stage.type("\u001b");
  await stage.host.pass(100);
  await stage.type("one\rtwo");
  expect(stage.host.of("session.create")).toEqual([]);
  await stage.type("\u001b\r");
  expect(stage.host.of("session.prompt")).toMatchObject([{ text: "one\ntwo" }]);
});

test("without an answer the screen is as ever", async () => {
  const stage = new Stage();
  expect(await stage.settle()).toContain("ctrl+g help");
  expect(await stage.type("\u0007")).toContain("Help");
});

test("a theme reaches what was laid out before it came", async () => {
  const stage = new Stage({
    ...settings({}, { name: "x", base: "dark", styles: { "markdown.code": "#010203" } }),
    session: "s1",
    messages: [user("t1", "hi"), answered("t1", "say `code` now")],
    turns: [turn("t1", "ok")],
  });
  await stage.settle();
  const code = stage.surface.cells.flat().filter(({ style }) => style.fg === (colourRgb | 0x010203));
  expect(code.map(({ text }) => text).join("")).toBe("code");
});

test("a theme reaches a plan that waits for its approval", async () => {
  const theme = { name: "x", base: "dark", styles: { "markdown.code": "#040506" } };
  const stage = new Stage({ ...settings({}, theme), session: "s1" });
  await stage.settle();
  stage.event({ kind: "turn.started", data: { turn: turn("t1", "running") } });
  const input = JSON.stringify({ plan: "say `code` now" });
  const asked = permission({ tool: "present_plan", action: "plan", title: "A plan to approve", input });
  stage.event({ kind: "permission.asked", data: { permission: asked } });
  expect(stage.paint()).toContain("say code now");
  theme.styles["markdown.code"] = "#010203";
  stage.view.configured?.(undefined);
  await stage.settle();
  const code = stage.surface.cells.flat().filter(({ style }) => style.fg === (colourRgb | 0x010203));
  expect(code.map(({ text }) => text).join("")).toBe("code");
});

test("themes are told apart by name, and auto follows the terminal", () => {
  expect(chosenTheme({ name: "auto" }, true).theme).toBe(light);
  expect(chosenTheme({ name: "auto" }, undefined).theme).toBe(dark);
  expect(chosenTheme({ name: "light" }, undefined).theme).toBe(light);
  expect(chosenTheme({ name: "ansi" }, true).theme).toBe(ansi);
});

test("the theme of the terminal's own colours names no other", () => {
  const styles = Object.values(ansi).flatMap((each) => ("attrs" in each ? [each] : Object.values(each)));
  for (const { fg, bg } of styles)
    for (const colour of [fg, bg]) expect(colour === 0 || ((colour & colourPalette) !== 0 && (colour & 0xffffff) < 16)).toBe(true);
});

test("a user's theme stands over its base, and what is no style is named", () => {
  const { theme, problems } = chosenTheme(
    {
      name: "mine",
      base: "light",
      styles: {
        primary: "#f00 on bright-black bold italic",
        "diff.add": "123",
        nope: "red",
        "diff.nope": "red",
        error: "rde",
        diff: "red",
        __proto__: "red",
      },
    },
    false,
  );
  expect(theme.primary).toEqual({ fg: colourRgb | 0xff0000, bg: colourPalette | 8, attrs: 5 });
  expect(theme.diff.add).toEqual({ fg: colourPalette | 123, bg: 0, attrs: 0 });
  expect(theme.error).toEqual(light.error);
  expect(light.primary).not.toEqual(theme.primary);
  expect(problems).toEqual([
    'there is no style "nope"',
    'there is no style "diff.nope"',
    expect.stringContaining('"rde" of error is no style'),
    'there is no style "diff"',
  ]);
});

test.each(["", "bold red blue", "on", "on nothing", "#12345", "256", "bright-pink"])("%j is no style", (text) => {
  expect(parseStyle(text)).toBeUndefined();
});
