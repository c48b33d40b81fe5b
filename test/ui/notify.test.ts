import fc from "fast-check";
import { expect, test } from "vitest";
import { notification } from "../../src/client/notify.ts";
import { plainLine } from "../../src/client/terminal.ts";
import { Stage, turn } from "./support.ts";

test.each([
  ["kitty", { TERM: "xterm-kitty" }, "\x1b]99;;Hi; you\x1b\\"],
  ["foot", { TERM: "foot" }, "\x1b]777;notify;Crush;Hi, you\x1b\\"],
  ["iTerm2", { TERM_PROGRAM: "iTerm.app", TERM: "xterm-256color" }, "\x1b]9;Hi; you\x1b\\"],
  ["Windows Terminal", { WT_SESSION: "1", TERM: "xterm-256color" }, "\x1b]9;Hi; you\x1b\\"],
  ["a terminal that nobody knows", { TERM: "xterm-256color" }, "\x07"],
  ["tmux, whatever it runs in", { TERM: "tmux-256color", TMUX: "/tmp/x", KITTY_WINDOW_ID: "1" }, "\x07"],
])("a notification in %s is in its own form", (_, env, bytes) => {
  expect(notification("Hi; you", "auto", env)).toBe(bytes);
});

test("asked for a bell it is a bell, asked for an OSC it is one in an unknown terminal, too", () => {
  expect(notification("Hi", "bell", { TERM: "xterm-kitty" })).toBe("\x07");
  expect(notification("Hi", "osc", { TERM: "xterm-256color" })).toBe("\x1b]9;Hi\x1b\\");
});

test("whatever a title holds, a notification has no control character but its own", () => {
  const form = /^(?:\x07|\x1b\](?:9;|99;;|777;notify;Crush;)[^\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]*\x1b\\)$/u;
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.constantFrom("xterm-kitty", "foot", "xterm-ghostty", "xterm"), (text, TERM) => {
      expect(notification(plainLine(text, 200), "auto", { TERM })).toMatch(form);
    }),
  );
});

test("the end of a turn and a question are told to who looks elsewhere, and only then; `disabled` tells nobody", async () => {
  let notifications: "osc" | "disabled" = "osc";
  const open = async (): Promise<Stage> => {
    const stage = new Stage({
      session: "s1",
      replies: { "ui.settings": () => ({ theme: { name: "dark" }, keys: {}, notifications }) },
    });
    await stage.settle();
    stage.event({ kind: "turn.started", data: { turn: turn("t1", "running") } });
    return stage;
  };
  const told = (stage: Stage) => stage.host.effects.filter(({ effect }) => effect === "notify");
  const end = (stage: Stage) => stage.event({ kind: "turn.completed", data: { turn: turn("t1", "ok", { endedAt: 2 }) } });

  const looking = await open();
  end(looking);
  expect(told(looking)).toEqual([]);

  const away = await open();
  away.view.focus(false);
  end(away);
  expect(told(away)).toEqual([{ effect: "notify", text: expect.stringContaining("Crush has finished"), style: "osc" }]);

  notifications = "disabled";
  const disabled = await open();
  disabled.view.focus(false);
  end(disabled);
  expect(told(disabled)).toEqual([]);
});
