import type { TextListener } from "../../../kernels/partial-value.ts";
import { PlainPartial } from "../../../kernels/reference/partial.ts";
import { languageOf } from "../../code/languages.ts";
import type { Line } from "../../layout/line.ts";
import type { PartState } from "../../model/state.ts";
import type { LayoutContext } from "./block.ts";
import { PartReader } from "./part-stream.ts";
import { GrowingCode, type Sign } from "./tool-code.ts";

type Path = readonly (string | number)[];
type Body = {
  /** What a string of the arguments is, when it is shown while it comes. */
  sign(path: Path): Sign | undefined;
  /** What colours it. */
  language(input: Record<string, unknown>): string;
  /** What is told of it beside the header. */
  note(code: GrowingCode): string;
  /** One row of it is in the header already. */
  isArgument?: boolean;
};

const path = (input: Record<string, unknown>): string => String(input["file_path"] ?? "");
const lines = (n: number): string => (n === 1 ? "1 line" : `${n} lines`);
const replaced = (key: string | number | undefined): Sign | undefined =>
  key === "new_string" ? "+" : key === "old_string" ? "-" : undefined;
const changes = (code: GrowingCode): string => `+${code.count("+")} -${code.count("-")}`;

/** Tools whose arguments are worth watching while the model writes them. */
const bodies: { readonly [tool: string]: Body } = {
  write: {
    sign: (at) => (at.length === 1 && at[0] === "content" ? "+" : undefined),
    language: path,
    note: (code) => lines(code.count("+")),
  },
  edit: { sign: (at) => (at.length === 1 ? replaced(at[0]) : undefined), language: path, note: changes },
  multiedit: { sign: (at) => (at.length === 3 && at[0] === "edits" ? replaced(at[2]) : undefined), language: path, note: changes },
  bash: {
    sign: (at) => (at.length === 1 && at[0] === "command" ? " " : undefined),
    language: () => "sh",
    note: (code) => (code.count(" ") > 1 ? lines(code.count(" ")) : ""),
    isArgument: true,
  },
};

/** Of an argument so much can be in a header; what is longer is not read on for it. */
const headUnitsMax = 512;
/** So many arguments are looked at for a header. */
const headsMax = 32;

/**
 * The arguments of a call while they come, and until its result is there: what its header says of them, and the end of what it is
 * writing. A delta costs what it brings, whatever came before it: the arguments are read by an incremental parser (plain
 * TypeScript: they are strings here, see its file), its text is laid out by GrowingCode. bench/partial.ts guards the first.
 */
export class CallStream implements TextListener {
  private readonly part: PartState;
  private readonly reader = new PartReader();
  private parser = new PlainPartial(this);
  private name: string | undefined;
  private body: Body | undefined;
  private heads = new Map<string, string>();
  private head: string | undefined;
  /** Text that has no layout yet, and the signs of texts that begin. */
  private waiting: ({ sign: Sign } | { text: string })[] = [];
  private isShown = false;
  private code: GrowingCode | undefined;

  constructor(part: PartState) {
    this.part = part;
  }

  /** The arguments so far: of a string at most its beginning. */
  input(): Record<string, unknown> {
    this.read();
    const value = this.parser.value();
    const input: Record<string, unknown> = Object.fromEntries(this.heads);
    if (typeof value !== "object" || value === null) return input;
    let left = headsMax;
    for (const key in value) {
      if (left-- === 0) break;
      const one = (value as Record<string, unknown>)[key];
      if (typeof one !== "string") input[key] = one;
    }
    return input;
  }

  /** The end of what is being written, at most `max` rows, and what is to be said of it. */
  tail(context: LayoutContext, max: number): { rows: Line[]; note: string } {
    if (this.code !== undefined && (this.code.width !== context.width || this.code.context.theme !== context.theme)) this.forget();
    this.read();
    if (this.body === undefined || (this.waiting.length === 0 && this.code === undefined)) return { rows: [], note: "" };
    this.code ??= new GrowingCode(context, languageOf(this.body.language(Object.fromEntries(this.heads))));
    for (const each of this.waiting) {
      if ("sign" in each) this.code.begin(each.sign);
      else this.code.push(each.text);
    }
    this.waiting = [];
    const rows = this.code.tail(max);
    return { rows: this.body.isArgument && rows.length === 1 ? [] : rows, note: this.body.note(this.code) };
  }

  forget(): void {
    this.reader.restart();
    this.parser = new PlainPartial(this);
    this.heads = new Map();
    this.head = undefined;
    this.waiting = [];
    this.code = undefined;
  }

  begins(at: Path): boolean {
    const [key] = at;
    this.head = at.length === 1 && typeof key === "string" && (this.heads.size < headsMax || this.heads.has(key)) ? key : undefined;
    if (this.head !== undefined) this.heads.set(this.head, "");
    const sign = this.body?.sign(at);
    this.isShown = sign !== undefined;
    if (sign !== undefined) this.waiting.push({ sign });
    return this.isShown || this.head !== undefined;
  }

  text(fresh: string): void {
    if (this.isShown) this.waiting.push({ text: fresh });
    if (this.head === undefined) return;
    const known = this.heads.get(this.head)!;
    this.heads.set(this.head, known + fresh.slice(0, headUnitsMax - known.length));
    if (known.length + fresh.length >= headUnitsMax) this.head = undefined;
  }

  ends(): void {
    this.head = undefined;
  }

  private read(): void {
    const { part } = this;
    if (this.name !== part.name || this.reader.isStale(part)) {
      this.forget();
      this.name = part.name;
      this.body = part.name !== undefined && Object.hasOwn(bodies, part.name) ? bodies[part.name] : undefined;
    }
    // Without their beginning they cannot be read; the finished part brings it.
    if (part.start === 0) this.parser.push(this.reader.fresh(part));
  }
}
