// A real terminal emulator (xterm.js, headless) as oracle: write bytes, read cells back.
//
//   const terminal = openTerminal({ cols: 80, rows: 24 });
//   terminal.write(patch);                       // synchronous
//   terminal.cell(0, 0) -> { char, width, fg, bg, attrs, link }; colours and attributes numbered as in contracts/view.ts
//   terminal.lines() / terminal.scrollback() -> text of the visible rows / of the rows above them, trailing blanks cut
//   terminal.cursor -> { row, col, visible }     terminal.state() -> title, modes, ... to be compared before and after
import xterm from "@xterm/headless";
import stringWidth from "string-width";

export type OracleCell = { char: string; width: number; fg: number; bg: number; attrs: number; link: string };
export type OracleOptions = {
  cols: number;
  rows: number;
  scrollback?: number;
  /**
   * clusters (default): a terminal that keeps graphemes together, widths by string-width. codepoints: one of the old kind,
   * where each code point has cells of its own and emoji take one column (xterm.js as it comes).
   */
  widths?: "clusters" | "codepoints";
};

export type Oracle = ReturnType<typeof openTerminal>;

type Line = { getCell(col: number, cell?: unknown): RawCell | undefined; translateToString(trim: boolean): string; isWrapped: boolean };
type RawCell = {
  getChars(): string;
  getWidth(): number;
  getFgColor(): number;
  getBgColor(): number;
  isFgRGB(): boolean | number;
  isFgPalette(): boolean | number;
  isBgRGB(): boolean | number;
  isBgPalette(): boolean | number;
  isBold(): number;
  isDim(): number;
  isItalic(): number;
  isBlink(): number;
  isInverse(): number;
  isInvisible(): number;
  isStrikethrough(): number;
  extended?: { urlId: number };
  /** xterm.js says that a link is underlined; whether the cell was told to be stands here. */
  fg: number;
};

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Width rules of a terminal with mode 2027: what joins is asked of the runtime, widths of string-width, nothing of ours. */
function clusterRules() {
  const texts: string[] = [""];
  const numbers = new Map<string, number>([["", 0]]);
  const pack = (text: string, joins: boolean, atLeast = 0): number => {
    let id = numbers.get(text);
    if (id === undefined) {
      id = texts.push(text) - 1;
      numbers.set(text, id);
    }
    const width = joins ? Math.max(1, atLeast, Math.min(2, stringWidth(text))) : Math.min(2, stringWidth(text));
    return (id << 3) | (width << 1) | (joins ? 1 : 0);
  };
  return {
    version: "clusters",
    wcwidth: (code: number) => Math.min(2, stringWidth(String.fromCodePoint(code))) as 0 | 1 | 2,
    charProperties(code: number, preceding: number): number {
      const char = String.fromCodePoint(code);
      const before = texts[preceding >> 3] ?? "";
      if (before !== "") {
        const segments = segmenter.segment(before + char)[Symbol.iterator]();
        segments.next();
        if (segments.next().done) return pack(before + char, true, (preceding >> 1) & 3); // no terminal takes a column back
      }
      return pack(char, false);
    },
  };
}

export function openTerminal(options: OracleOptions) {
  const terminal = new xterm.Terminal({
    cols: options.cols,
    rows: options.rows,
    scrollback: options.scrollback ?? 10_000,
    allowProposedApi: true,
    logLevel: "off",
  });
  const core = (terminal as unknown as { _core: Core })._core;
  if ((options.widths ?? "clusters") === "clusters") {
    terminal.unicode.register(clusterRules() as never);
    terminal.unicode.activeVersion = "clusters";
  }
  const told = { title: "", bells: 0, answers: "", other: [] as string[] };
  terminal.onTitleChange((title) => {
    told.title = title;
  });
  terminal.onBell(() => {
    told.bells++;
  });
  terminal.onData((data) => {
    told.answers += data;
  });
  terminal.onBinary((data) => {
    told.answers += data;
  });
  // What xterm.js has no handler for, or leaves to its embedder, is seen here: clipboard, notifications, device strings.
  for (const code of [0, 1, 2, 4, 7, 9, 10, 11, 12, 22, 50, 52, 99, 104, 110, 111, 112, 133, 633, 777, 1337])
    terminal.parser.registerOscHandler(code, (data) => {
      told.other.push(`OSC ${code};${data.slice(0, 40)}`);
      return false;
    });

  const buffer = () => terminal.buffer.active;
  const lineAt = (row: number): Line | undefined => buffer().getLine(row) as unknown as Line | undefined;

  function readCell(line: Line | undefined, col: number): OracleCell {
    const raw = line?.getCell(col);
    if (raw === undefined) return { char: "", width: 1, fg: 0, bg: 0, attrs: 0, link: "" };
    const colour = (rgb: unknown, palette: unknown, value: number) => (rgb ? (1 << 24) | value : palette ? (1 << 25) | value : 0);
    let attrs = 0;
    const flags = [
      raw.isBold(),
      raw.isDim(),
      raw.isItalic(),
      raw.fg & 0x10000000,
      raw.isBlink(),
      raw.isInverse(),
      raw.isInvisible(),
      raw.isStrikethrough(),
    ];
    flags.forEach((flag, bit) => {
      if (flag) attrs |= 1 << bit;
    });
    const urlId = raw.extended?.urlId ?? 0;
    return {
      char: raw.getChars(),
      width: raw.getWidth(),
      fg: colour(raw.isFgRGB(), raw.isFgPalette(), raw.getFgColor()),
      bg: colour(raw.isBgRGB(), raw.isBgPalette(), raw.getBgColor()),
      attrs,
      link: urlId === 0 ? "" : (core._oscLinkService.getLinkData(urlId)?.uri ?? ""),
    };
  }

  const text = (line: Line | undefined) => (line?.translateToString(true) ?? "").trimEnd();

  return {
    get cols() {
      return terminal.cols;
    },
    get rows() {
      return terminal.rows;
    },
    write(data: Uint8Array | string): void {
      if (data.length > 0) core.writeSync(data);
    },
    resize(cols: number, rows: number): void {
      terminal.resize(cols, rows);
    },
    cell(row: number, col: number): OracleCell {
      return readCell(lineAt(buffer().baseY + row), col);
    },
    /** A cell by its row from the top of the scrollback on. */
    backCell(row: number, col: number): OracleCell {
      return readCell(lineAt(row), col);
    },
    /** All cells of the screen, row by row. */
    cells(): OracleCell[][] {
      return Array.from({ length: terminal.rows }, (_, row) => {
        const line = lineAt(buffer().baseY + row);
        return Array.from({ length: terminal.cols }, (_, col) => readCell(line, col));
      });
    },
    lines(): string[] {
      return Array.from({ length: terminal.rows }, (_, row) => text(lineAt(buffer().baseY + row)));
    },
    scrollback(): string[] {
      return Array.from({ length: buffer().baseY }, (_, row) => text(lineAt(row)));
    },
    get cursor() {
      return { row: buffer().cursorY, col: Math.min(buffer().cursorX, terminal.cols - 1), visible: !core.coreService.isCursorHidden };
    },
    /** Everything that a patch must leave alone. */
    state() {
      const inner = core._inputHandler._curAttrData;
      const active = core._bufferService.buffer;
      return {
        ...told,
        other: [...told.other],
        modes: { ...terminal.modes, cursorKeys: terminal.modes.applicationCursorKeysMode },
        buffer: buffer().type,
        margins: [active.scrollTop, active.scrollBottom],
        style: [inner.fg, inner.bg, inner.extended.urlId],
        charset: core._charsetService.glevel,
        tabs: Object.keys(active.tabs).length,
      };
    },
    dispose(): void {
      terminal.dispose();
    },
  };
}

type Core = {
  writeSync(data: Uint8Array | string): void;
  coreService: { isCursorHidden: boolean };
  _oscLinkService: { getLinkData(id: number): { uri: string } | undefined };
  _inputHandler: { _curAttrData: { fg: number; bg: number; extended: { urlId: number } } };
  _bufferService: { buffer: { scrollTop: number; scrollBottom: number; tabs: object } };
  _charsetService: { glevel: number };
};
