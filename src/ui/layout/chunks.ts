// Cuts markdown into chunks at places where nothing that follows can change what came before: a line at a time, so that a
// stream is cut the same way as a whole text. Each chunk is then lexed and laid out alone.

export type ChunkKind = "text" | "item" | "fence";

export type ChunkStart = {
  kind: ChunkKind;
  /** A blank line goes before it. */
  spaced: boolean;
  /** For a fence: its marker and info string. */
  fence?: { marker: string; info: string };
  /** For an ordered item: its number in the list, whatever the source says ("1." three times is 1, 2, 3). */
  ordinal?: number;
};

/** What a line does: it starts a chunk, goes on with the open one, or (a fence's last line, a blank between chunks) only ends it. */
export type LineRole = { start: ChunkStart } | "continue" | "end" | "blank";

/** A chunk that grows beyond this is cut at a line end: the cost of a delta stays bounded even for a text without blank lines. */
const chunkCharsMax = 16_384;

const fenceOpen = /^ {0,3}(`{3,}|~{3,})\s*([^`]*)$/;
const itemStart = /^ {0,1}(?:([-*+])|(\d{1,9})[.)])(?:[ \t]|$)/;
const heading = /^ {0,3}#{1,6}(?:[ \t]|$)/;
const rule = /^ {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const indentedLine = /^(?: {2,}|\t)/;

/** The cutter's memory between lines. A copy can look ahead at an unfinished line. */
export class Chunker {
  private open: ChunkKind | undefined;
  private marker = "";
  private afterBlank = false;
  private chars = 0;
  private any = false;
  private ordinal = 0;
  private listKind = "";
  /** The open text chunk is one line that cannot take another (heading, rule). */
  private single = false;
  /** Inside an indented fence of an item: its lines are never markers. */
  private innerFence = "";

  copy(): Chunker {
    return Object.assign(new Chunker(), this);
  }

  line(text: string): LineRole {
    if (this.open === "fence") return this.fenceLine(text);
    if (/^[ \t]*$/.test(text) && !this.innerFence) {
      this.afterBlank = true;
      // Indented code and loose items go on after a blank line; what follows decides.
      return this.open ? "continue" : "blank";
    }
    if (this.open === "item" && this.innerFenceLine(text)) return this.grow(text);
    const fence = fenceOpen.exec(text);
    if (fence && !(this.open === "item" && indentedLine.test(text))) {
      this.marker = fence[1]!;
      return this.begin("fence", text, { fence: { marker: fence[1]!, info: fence[2]!.trim() } });
    }
    const item = rule.test(text) ? null : itemStart.exec(text);
    if (item) return this.item(text, item);
    if (this.startsText(text)) {
      this.listKind = "";
      const started = this.begin("text", text, {});
      this.single = heading.test(text) || rule.test(text);
      return started;
    }
    return this.grow(text);
  }

  private startsText(text: string): boolean {
    if (!this.open || this.single || this.chars > chunkCharsMax) return true;
    if (heading.test(text)) return true;
    if (!this.afterBlank) return this.open === "item" && rule.test(text);
    return !indentedLine.test(text);
  }

  private item(text: string, match: RegExpExecArray): LineRole {
    // An ordered item that does not begin with 1 cannot interrupt a paragraph.
    if (this.open === "text" && !this.afterBlank && !this.single && match[2] !== undefined && Number(match[2]) !== 1)
      return this.grow(text);
    const kind = match[1] ?? "ordered";
    const follows = this.listKind === kind && this.open === "item";
    this.ordinal = match[2] === undefined ? 0 : follows ? this.ordinal + 1 : Number(match[2]);
    this.listKind = kind;
    return this.begin("item", text, {
      spaced: follows ? this.afterBlank : this.any,
      ...(match[2] === undefined ? {} : { ordinal: this.ordinal }),
    });
  }

  private innerFenceLine(text: string): boolean {
    const trimmed = text.trim();
    if (this.innerFence) {
      if (!indentedLine.test(text) && trimmed !== "")
        this.innerFence = ""; // dedented: the item is over
      else if (trimmed.startsWith(this.innerFence) && /^(`+|~+)$/.test(trimmed)) {
        this.innerFence = "";
        return true;
      } else return true;
      return false;
    }
    const fence = indentedLine.test(text) ? /^(`{3,}|~{3,})[^`]*$/.exec(trimmed) : null;
    if (fence) this.innerFence = fence[1]!;
    return fence !== null;
  }

  private fenceLine(text: string): LineRole {
    const trimmed = text.trim();
    const closes = trimmed.length >= this.marker.length && trimmed[0] === this.marker[0] && /^(`+|~+)$/.test(trimmed);
    if (!closes) return "continue";
    this.open = undefined;
    this.afterBlank = true;
    return "end";
  }

  private begin(kind: ChunkKind, text: string, more: Partial<ChunkStart>): LineRole {
    const start: ChunkStart = { kind, spaced: this.any, ...more };
    this.open = kind;
    this.any = true;
    this.afterBlank = false;
    this.single = false;
    this.chars = text.length;
    this.innerFence = "";
    if (kind === "fence") this.listKind = "";
    return { start };
  }

  private grow(text: string): LineRole {
    this.afterBlank = false;
    this.chars += text.length + 1;
    return "continue";
  }
}
