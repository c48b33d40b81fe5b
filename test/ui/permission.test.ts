// Questions about what a tool may do: how they are asked and answered.
import { expect, test } from "vitest";
import { permission, Stage, turn } from "./support.ts";

test("a permission is asked with the raw command, controls visible, and answered once", async () => {
  const stage = new Stage({ session: "s1" });
  stage.event({ kind: "turn.started", data: { turn: turn("t1", "running") } });
  await stage.settle();
  stage.event({
    kind: "permission.asked",
    data: { permission: permission({ input: JSON.stringify({ command: "echo \u001b[2J\u202e; rm -rf build" }) }) },
  });
  const screen = stage.paint();
  expect(screen).toContain("Permission: Bash (execute)");
  expect(screen).toContain("echo ␛[2J\ufffd; rm -rf build");
  expect(screen).toContain("removes files");
  await stage.type("a");
  expect(stage.host.of("permission.resolve")).toEqual([{ permission: "p1", decision: "allow", scope: "once" }]);
  expect(stage.paint()).not.toContain("Permission:");
  // A late repetition of the question does not ask again.
  stage.event({ kind: "permission.asked", data: { permission: permission() } });
  expect(stage.paint()).not.toContain("Permission:");
});

test("always shows the exact pattern before it is saved", async () => {
  const stage = new Stage({ session: "s1" });
  stage.event({ kind: "permission.asked", data: { permission: permission() } });
  await stage.settle();
  expect(await stage.type("w")).toContain("bash(rm -rf build)");
  expect(stage.host.of("permission.resolve")).toEqual([]);
  await stage.type("\r");
  expect(stage.host.of("permission.resolve")).toEqual([{ permission: "p1", decision: "allow", scope: "always" }]);
});

test("a denial can carry words, typed or pasted", async () => {
  const stage = new Stage({ session: "s1" });
  stage.event({ kind: "permission.asked", data: { permission: permission() } });
  await stage.settle();
  await stage.type("muse \x1b[200~trash\x1b[201~\r");
  expect(stage.host.of("permission.resolve")).toEqual([{ permission: "p1", decision: "deny", message: "use trash" }]);
});

test("a key typed into a prompt does not answer a question that pops up under it", async () => {
  const stage = new Stage({ session: "s1" });
  await stage.settle();
  await stage.type("what about ");
  stage.event({ kind: "permission.asked", data: { permission: permission() } });
  await stage.type("a");
  expect(stage.host.of("permission.resolve")).toEqual([]);
  await stage.host.pass(600);
  await stage.type("d");
  expect(stage.host.of("permission.resolve")).toEqual([{ permission: "p1", decision: "deny" }]);
});

test("a permission answered elsewhere closes here", async () => {
  const stage = new Stage({ session: "s1" });
  stage.event({ kind: "permission.asked", data: { permission: permission() } });
  expect(await stage.settle()).toContain("Permission:");
  stage.event({ kind: "permission.resolved", data: { permission: permission({ state: "denied" }) } });
  expect(stage.paint()).not.toContain("Permission:");
});
