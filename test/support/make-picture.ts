// Makes the README's picture from a real run: the program in a pty with the demo provider, read back from a terminal emulator.
//   node test/support/make-picture.ts        writes .github/screen.svg
import fs from "node:fs";
import path from "node:path";
import { colourPalette, colourRgb } from "../../src/contracts/view.ts";
import { openProduct, sleep } from "./product.ts";
import { openPty } from "./pty.ts";

const cols = 104;
const rows = 34;
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
fs.mkdirSync(path.join(product.workspace, "src"));
fs.writeFileSync(
  path.join(product.workspace, "package.json"),
  '{\n  "name": "courier",\n  "description": "Delivers files over bad networks",\n  "scripts": { "test": "node --test", "start": "node src/main.js" }\n}\n',
);
fs.writeFileSync(
  path.join(product.workspace, "src", "main.js"),
  'import { upload } from "./upload.js";\n\nawait upload(process.argv[2]);\n',
);
fs.writeFileSync(
  path.join(product.workspace, "src", "upload.js"),
  'export async function upload(file) {\n  return await fetch("http://localhost:8080", { method: "PUT", body: file });\n}\n',
);

const tty = openPty(product, [], { cols, rows });
await tty.shows("What shall we work on?");
tty.type("What is this project?\r");
await tty.shows(/◇ demo · [\d.]+ s/);
await tty.quiet(300);
tty.type("write a file NOTES.md with retry an upload that broke off\r");
await tty.shows("Permission");
await sleep(700);
await tty.quiet(300);
const cells = tty.oracle.cells();
tty.type("d");
await sleep(300);
tty.type("\u0003");
await sleep(100);
tty.type("\u0003");
await tty.exited;

const width = Math.round(cols * cell.width + 2 * margin);
const height = rows * cell.height + 2 * margin + bar;
const out = [
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="Crush in a terminal: the demo has described a project and asks whether it may write a file">`,
  `<rect width="${width}" height="${height}" rx="10" fill="${ground}"/>`,
  ...["#ff5f57", "#febc2e", "#28c840"].map((fill, i) => `<circle cx="${20 + i * 20}" cy="18" r="6" fill="${fill}"/>`),
  `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" xml:space="preserve">`,
];
cells.forEach((row, y) => {
  const top = bar + margin + y * cell.height;
  let x = 0;
  while (x < row.length) {
    const first = row[x]!;
    let end = x;
    let text = "";
    while (end < row.length && row[end]!.fg === first.fg && row[end]!.bg === first.bg && row[end]!.attrs === first.attrs) {
      if (row[end]!.width > 0) text += row[end]!.char || " ";
      end++;
    }
    const inverse = (first.attrs & 32) !== 0;
    const fg = inverse ? hex(first.bg, ground) : hex(first.fg, ink);
    const bg = inverse ? hex(first.fg, ink) : hex(first.bg, ground);
    const left = (margin + x * cell.width).toFixed(1);
    const length = ((end - x) * cell.width).toFixed(1);
    if (bg !== ground) out.push(`<rect x="${left}" y="${top}" width="${length}" height="${cell.height}" fill="${bg}"/>`);
    if (text.trim() !== "") {
      const style = `${first.attrs & 1 ? ' font-weight="bold"' : ""}${first.attrs & 2 ? ' opacity="0.6"' : ""}${first.attrs & 4 ? ' font-style="italic"' : ""}${first.attrs & 8 ? ' text-decoration="underline"' : ""}`;
      const lead = text.length - text.trimStart().length;
      const shown = text.trim();
      out.push(
        `<text x="${(margin + (x + lead) * cell.width).toFixed(1)}" y="${top + 13.5}" fill="${fg}"${style} textLength="${((end - x - lead - (text.length - text.trimEnd().length)) * cell.width).toFixed(1)}">${escaped(shown)}</text>`,
      );
    }
    x = end;
  }
});
out.push("</g>", "</svg>", "");
const file = path.join(import.meta.dirname, "../../.github/screen.svg");
fs.mkdirSync(path.dirname(file), { recursive: true });
fs.writeFileSync(file, out.join("\n").replaceAll(product.workspace, "~/courier"));
console.log(`${file}: ${fs.statSync(file).size} bytes`);
