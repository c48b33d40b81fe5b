// Makes the README's picture from a real run: the program in a pty with the demo provider, read back from a terminal emulator.
//   node test/support/make-picture.ts        writes .github/screen.svg
import fs from "node:fs";
import path from "node:path";
import { colourPalette, colourRgb } from "../../src/contracts/view.ts";
import { openProduct, sleep } from "./product.ts";
import { openPty } from "./pty.ts";
import type { OracleCell } from "./terminal-oracle.ts";

const cols = 100;
const rows = 45;
const cell = { width: 8.4, height: 18 };
const margin = 16;
const bar = 30;
const ground = "#1b1b22";
const ink = "#d8d8e0";
const ansi = [
  "#1b1b22",
  "#e06c75",
  "#98c379",
  "#e5c07b",
  "#61afef",
  "#c678dd",
  "#56b6c2",
  "#d8d8e0",
  "#6b6b78",
  "#e06c75",
  "#98c379",
  "#e5c07b",
  "#61afef",
  "#c678dd",
  "#56b6c2",
  "#ffffff",
];

const hex = (colour: number, otherwise: string): string => {
  if (colour & colourRgb) return `#${(colour & 0xffffff).toString(16).padStart(6, "0")}`;
  if (colour & colourPalette) return ansi[colour & 0xff] ?? otherwise;
  return otherwise;
};
const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

await using product = await openProduct();
product.writeConfig({});
const workspace = path.join(product.root, "courier");
fs.mkdirSync(path.join(workspace, "src"), { recursive: true });
fs.writeFileSync(
  path.join(workspace, "src", "upload.js"),
  `// Sends one file; the server answers 201 when it has all of it.
export async function upload(file, { server, tries = 3 }) {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(server, { method: "PUT", body: file });
    if (response.status === 201) return response;
    if (attempt === tries) throw new Error("gave up");
  }
}
`,
);

const tty = openPty(product, [], { cols, rows, cwd: workspace });
await tty.shows("What shall we work on?");
tty.type("Where is fetch used?\r");
await tty.shows(/◇ demo · [\d.]+ s/);
await tty.quiet(300);
tty.type(`replace 'Error("gave up")' with 'Error("no answer from " + server)' in src/upload.js\r`);
await tty.shows("Permission");
await sleep(700);
await tty.quiet(300);
const cells = tty.oracle.cells().map((row) => atHome(row));
tty.type("d");
await tty.hides("Permission");
tty.type("\u0003\u0003");
await tty.exited;

/** The temporary directory as somebody would have it: what stands behind it moves along, up to the next wide gap. */
function atHome(row: OracleCell[]): OracleCell[] {
  const home = "~/courier";
  const at = row
    .map((each) => each.char || " ")
    .join("")
    .indexOf(workspace);
  if (at < 0) return row;
  const spare = workspace.length - home.length;
  const named = [...home].map((char, i) => ({ ...row[at + i]!, char }));
  const rest = row.slice(at + workspace.length);
  const gap = rest.findIndex((_, i) => i + 4 < rest.length && rest.slice(i, i + 4).every((each) => each.char.trim() === ""));
  const blanks = Array.from({ length: spare }, () => ({ ...rest[gap]! }));
  return [...row.slice(0, at), ...named, ...rest.slice(0, gap), ...blanks, ...rest.slice(gap)];
}

const width = Math.round(cols * cell.width + 2 * margin);
const height = rows * cell.height + 2 * margin + bar;
const paper: string[] = [];
const strokes: string[] = [];
const words: string[] = [];

/** Lines of boxes meet from cell to cell only when they are drawn: fonts leave gaps. */
const boxes: { [char: string]: (x: number, y: number) => string } = {
  "─": (x, y) => `M${x} ${y + 9}h8.4`,
  "│": (x, y) => `M${x + 4.2} ${y}v18`,
  "╭": (x, y) => `M${x + 4.2} ${y + 18}v-5q0 -4 4.2 -4`,
  "╮": (x, y) => `M${x} ${y + 9}q4.2 0 4.2 4v5`,
  "╰": (x, y) => `M${x + 4.2} ${y}v5q0 4 4.2 4`,
  "╯": (x, y) => `M${x} ${y + 9}q4.2 0 4.2 -4v-5`,
  "┃": (x, y) => `M${x + 3.2} ${y}h2v18h-2z`,
  "▌": (x, y) => `M${x} ${y}h4.2v18h-4.2z`,
};
const filled = "┃▌";
const round = (value: number): number => Math.round(value * 10) / 10;

cells.forEach((row, y) => {
  const top = bar + margin + y * cell.height;
  const looks = row.map((each) => {
    const isInverse = (each.attrs & 32) !== 0;
    return {
      ...each,
      text: each.width === 0 ? "" : each.char || " ",
      ink: isInverse ? hex(each.bg, ground) : hex(each.fg, ink),
      ground: isInverse ? hex(each.fg, ink) : hex(each.bg, ground),
    };
  });
  const runs = (same: (a: (typeof looks)[0], b: (typeof looks)[0]) => boolean, each: (from: number, to: number) => void) => {
    for (let from = 0, to = 0; from < looks.length; from = to) {
      while (to < looks.length && same(looks[from]!, looks[to]!)) to++;
      each(from, to);
    }
  };
  const left = (x: number) => round(margin + x * cell.width);
  runs(
    (a, b) => a.ground === b.ground,
    (from, to) => {
      const { ground: fill } = looks[from]!;
      if (fill !== ground)
        paper.push(
          `<rect x="${left(from)}" y="${top}" width="${round((to - from) * cell.width)}" height="${cell.height}" fill="${fill}"/>`,
        );
    },
  );
  runs(
    (a, b) => a.ink === b.ink && (a.attrs & 15) === (b.attrs & 15) && a.text in boxes === b.text in boxes,
    (from, to) => {
      const { ink: fill, attrs } = looks[from]!;
      if (looks[from]!.text in boxes) {
        const draw = (wanted: boolean) =>
          looks
            .slice(from, to)
            .map(({ text }, i) => (filled.includes(text) === wanted ? boxes[text]!(left(from + i), top) : ""))
            .join("");
        const [full, thin] = [draw(true), draw(false)];
        if (full !== "") strokes.push(`<path d="${full}" fill="${fill}"/>`);
        if (thin !== "") strokes.push(`<path d="${thin}" stroke="${fill}" fill="none"/>`);
        return;
      }
      const text = looks.slice(from, to).map((each) => each.text);
      const style = [
        attrs & 1 ? ' font-weight="bold"' : "",
        attrs & 2 ? ' opacity="0.6"' : "",
        attrs & 4 ? ' font-style="italic"' : "",
        attrs & 8 ? ' text-decoration="underline"' : "",
      ].join("");
      // Whatever font there is, a word starts in its column and is as long as it was.
      for (const { 0: word, index } of text.join("").matchAll(/\S+(?: \S+)*/g))
        words.push(
          `<text x="${left(from + index)}" y="${top + 13.5}" fill="${fill}"${style} textLength="${round(word.length * cell.width)}">${escaped(word)}</text>`,
        );
    },
  );
});

const out = [
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="Crush in a terminal: the demo has searched a project and asks whether it may change a line of it, shown as a diff">`,
  `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10" fill="${ground}" stroke="#3a3a46"/>`,
  ...["#ff5f57", "#febc2e", "#28c840"].map((fill, i) => `<circle cx="${20 + i * 20}" cy="18" r="6" fill="${fill}"/>`),
  ...paper,
  ...strokes,
  `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" xml:space="preserve">`,
  ...words,
  "</g>",
  "</svg>",
  "",
];
const file = path.join(import.meta.dirname, "../../.github/screen.svg");
fs.mkdirSync(path.dirname(file), { recursive: true });
fs.writeFileSync(file, out.join("\n"));
console.log(`${file}: ${fs.statSync(file).size} bytes`);
