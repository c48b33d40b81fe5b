export type Match = { file: string; line: number /** 1-based, in characters; 0 = unknown. */; column: number; text: string };

/** What is kept of a line that does not end; no line of ripgrep is longer, another grep's may be. */
const openBytesMax = 1 << 20;

/**
 * Reads `path NUL line : [column :] text`, cut anywhere. This form and not --json: in it ripgrep itself cuts long lines, so a file of
 * one 100 MB line costs a few hundred bytes, and NUL ends any file name.
 */
export class MatchReader {
  readonly #columns: boolean;
  readonly #columnsMax: number;
  #rest = Buffer.alloc(0);

  constructor(options: { columns: boolean; columnsMax: number }) {
    this.#columns = options.columns;
    this.#columnsMax = options.columnsMax;
  }

  push(chunk: Uint8Array): Match[] {
    const bytes = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk]);
    const found: Match[] = [];
    let at = 0;
    for (;;) {
      // The name may hold a newline, so the end of the line is looked for behind the NUL.
      const nul = bytes.indexOf(0, at);
      const end = nul < 0 ? -1 : bytes.indexOf(10, nul);
      if (end < 0) break;
      const match = this.#match(bytes.subarray(at, nul), bytes.subarray(nul + 1, end));
      if (match !== undefined) found.push(match);
      at = end + 1;
    }
    this.#rest = bytes.subarray(at, at + openBytesMax);
    return found;
  }

  #match(file: Buffer, rest: Buffer): Match | undefined {
    const first = rest.indexOf(58);
    const second = this.#columns ? rest.indexOf(58, first + 1) : first;
    if (first < 0 || second < 0) return undefined;
    const bytes = rest.subarray(second + 1);
    const column = this.#columns ? Number(rest.toString("latin1", first + 1, second)) : 0;
    const before = bytes.toString("utf8", 0, Math.max(0, column - 1));
    const text = bytes.toString("utf8").replace(/\r$/, "");
    const name = file.toString("utf8");
    return {
      file: name.startsWith("./") ? name.slice(2) : name,
      line: Number(rest.toString("latin1", 0, first)),
      column: column === 0 ? 0 : column - 1 <= bytes.length ? before.length + 1 : column,
      text: text.length > this.#columnsMax ? `${text.slice(0, this.#columnsMax)}...` : text,
    };
  }
}
