import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { openProduct, sleep } from "../support/product.ts";
import { openPty, play } from "../support/pty.ts";

// Whatever a model, a tool, a file's name, a title or a paste holds, in a terminal: it is seen as text, and does nothing.

/** Clear, title, clipboard, palette, cursor shape, private modes, main screen, a script as link, a C1 introducer, device queries, bell,
 * backspaces, right-to-left override, zero widths, carriage return. */
const hostile =
  "A\u001b[2J\u001b]0;pwned\u0007\u001b]52;c;cHduZWQ=\u001b\\\u001b]4;1;#123456\u0007\u001b]11;#ffffff\u0007\u001b[5 q\u001b[?1049l\u001b[?1000h" +
  "\u001b[?25l\u001b]8;;javascript:alert(1)\u001b\\x\u001b]8;;\u001b\\\u009b31m\u009d0;pwned\u009c\u001b[6n\u001b[c\u001bP$q\u001b\\\u0007\b\b\u202egnp\u2066\u200b\rover\u001bcB";

test("hostile text from everywhere changes nothing of the terminal but what is read", async () => {
  await using product = await openProduct();
  const name = `f${hostile.replaceAll("/", "_")}.txt`;
  fs.writeFileSync(path.join(product.workspace, name), `inside ${hostile}\n`);
  const octal = [...Buffer.from(hostile)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
  play(
    product,
    {
      reasoning: `thinking ${hostile}`,
      text: `seen ${hostile} this [link](javascript:alert(1)) and [title](http://ok.example/${hostile}) \`${hostile}\`\n\n\`\`\`sh\n${hostile}\n\`\`\`\n`,
      tools: [
        { id: "a", name: "ls", arguments: "{}" },
        { id: "b", name: "view", arguments: JSON.stringify({ file_path: name }) },
        {
          id: "c",
          name: "bash",
          arguments: JSON.stringify({ description: hostile, command: `printf '${octal}'; printf '${octal}' >&2; # ${hostile}` }),
        },
      ],
    },
    { tools: [{ id: "d", name: "write", arguments: JSON.stringify({ file_path: `new-${name}`, content: `${hostile}\n`.repeat(3) }) }] },
    { text: `done ${hostile}` },
  );
  const tty = openPty(product, []);
  await tty.shows("What shall we work on?");
  const before = tty.oracle.state();
  tty.type(`\u001b[200~pasted ${hostile.replaceAll("\u001b[201~", "")}\u001b[201~`);
  await tty.shows("pasted A");
  tty.type(" prompt @f");
  await tty.shows("fA␛"); // the list of files
  tty.type("\u001b");
  await tty.hides("fA␛");
  tty.type("\r");
  await tty.shows("it holds control characters");
  await sleep(520);
  tty.type("a");
  await tty.shows("Permission: Write");
  await sleep(520);
  tty.type("a");
  await tty.shows(/done A/);
  await tty.hides("Answering");
  const { uuid } = JSON.parse((await product.run(["session", "last", "--json"])).stdout) as { uuid: string };
  await product.run(["session", "rename", uuid, `title ${hostile}`]);
  await tty.shows("title A");
  tty.type("\u001b[5~"); // page up, and everything unfolded
  tty.type("\t");
  for (let i = 0; i < 8; i++) tty.type("K ");
  await tty.quiet(150);
  tty.type("\u0013"); // the list of sessions
  await tty.shows("Sessions");
  await tty.shows("title A");
  tty.type("\u001b");
  await tty.hides("Sessions");
  tty.resize(60, 20);
  await tty.quiet(150);
  tty.resize(120, 40);
  tty.type("\t"); // back in the editor, where the cursor is shown
  await tty.shows("tab chat");
  await tty.quiet(150);

  const after = tty.oracle.state();
  // The title is ours to set: its text has no controls, and none is the hostile one.
  expect(after.title).toMatch(/^crush work: title A/);
  expect(after.title).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
  const titles = after.other.filter((each) => /^OSC [02];/.test(each));
  expect(after.other.filter((each) => !titles.includes(each) && !/^OSC 9;Crush/.test(each))).toEqual([]);
  for (const each of titles) expect(each).toMatch(/^OSC 2;crush work/);
  expect({ ...after, title: "", other: [] }).toEqual({ ...before, title: "", other: [] });
  expect(tty.oracle.cursor.visible).toBe(true);
  const links = new Set(tty.oracle.cells().flatMap((row) => row.map((cell) => cell.link)));
  for (const link of links) expect(link).toMatch(/^(https?:\/\/|file:\/\/|$)/);
  // Nor did a byte of it leave the client otherwise: no query, no device string, no C1 in all that was written.
  expect(tty.output().toString("utf8")).not.toMatch(
    /[\u0080-\u009f\u202a-\u202e\u2066-\u2069]|\u001b[Pc]|\u001b\[6n|\u001b\]8;[^\u001b]*javascript/,
  );
  expect(product.processes().length).toBeGreaterThan(0);
});
