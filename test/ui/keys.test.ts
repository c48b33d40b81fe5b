import { expect, test } from "vitest";
import { alwaysBindings } from "../../src/ui/keys/always.ts";
import { chatBindings } from "../../src/ui/keys/chat.ts";
import { editorBindings, editorKeys } from "../../src/ui/keys/editor.ts";
import { globalBindings, globalKeys } from "../../src/ui/keys/global.ts";
import { keymap } from "../../src/ui/keys/keymap.ts";
import { permissionBindings, permissionKeys } from "../../src/ui/keys/permission.ts";

const strokes = (bindings: object): string[] => Object.values(bindings as Record<string, string[]>).flat();

test("one stroke for two actions of a scope is refused", () => {
  expect(() => keymap("test", { a: ["x"], b: ["y", "x"] })).toThrow(/x is bound to a and to b/);
});

test("no global key hides one of the editor or of the chat, and none hides ctrl+c or ctrl+z", () => {
  const global = new Set([...strokes(globalBindings), ...strokes(alwaysBindings)]);
  for (const stroke of [...strokes(editorBindings), ...strokes(chatBindings)]) expect(global).not.toContain(stroke);
  for (const stroke of strokes(alwaysBindings))
    for (const scope of [globalBindings, permissionBindings]) expect(strokes(scope)).not.toContain(stroke);
});

test("the keys of Crush do what they do there", () => {
  expect(["ctrl+g", "ctrl+p", "ctrl+l", "ctrl+m", "ctrl+s", "ctrl+y", "tab", "ctrl+n"].map((stroke) => globalKeys(stroke))).toEqual([
    "help",
    "commands",
    "models",
    "models",
    "sessions",
    "yolo",
    "focus",
    "newSession",
  ]);
  expect(["enter", "shift+enter", "ctrl+j", "ctrl+o"].map((stroke) => editorKeys(stroke))).toEqual([
    "send",
    "newline",
    "newline",
    "externalEditor",
  ]);
  expect(["a", "ctrl+a", "s", "ctrl+s", "d", "right", "tab", "enter"].map((stroke) => permissionKeys(stroke))).toEqual([
    "allow",
    "allow",
    "session",
    "session",
    "deny",
    "right",
    "right",
    "choose",
  ]);
});
