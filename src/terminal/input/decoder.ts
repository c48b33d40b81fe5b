import { promptBytesMax } from "../../protocol/limits.ts";
import type { InputEvent } from "./events.ts";
import { character, control, finals, keypad, kittyKey, modifiers, named, plain, tildes } from "./keys.ts";
import { sgrMouse } from "./mouse.ts";

/** A real key sequence has under 32 parameter bytes; a longer one is garbage and is skipped to its end. */
const parameterBytesMax = 64;

const ESC = 0x1b;

/** Turns terminal input into events. The same bytes give the same events however they are cut. Never throws. */
export interface InputDecoder {
  feed(bytes: Uint8Array): InputEvent[];
  /** True while a lone ESC (or ESC [ or ESC O) may be a key or the start of a sequence. */
  readonly ambiguous: boolean;
  /** Decides that nothing follows an ambiguous ESC: call it about 30 ms after the last input. */
  flush(): InputEvent[];
}

type State = "ground" | "utf8" | "escape" | "csi" | "csiSkip" | "ss3" | "x10" | "string" | "stringEscape" | "paste";

class Machine implements InputDecoder {
  private state: State = "ground";
  private out: InputEvent[] = [];
  /** Parameter and intermediate bytes of a CSI or SS3. */
  private text = "";
  private codePoint = 0;
  private missing = 0;
  private least = 0;
  private alt = false;
  private x10Left = 0;
  private paste: number[] = [];
  private pasteTruncated = false;
  /** How much of the end mark has been seen. */
  private pasteMatch = 0;

  get ambiguous(): boolean {
    return this.state === "escape" || ((this.state === "csi" || this.state === "ss3") && this.text === "");
  }

  feed(bytes: Uint8Array): InputEvent[] {
    this.out = [];
    for (let i = 0; i < bytes.length; i++) steps[this.state](this, bytes[i]!);
    return this.out;
  }

  flush(): InputEvent[] {
    this.out = [];
    if (this.state === "escape") this.out.push(named("escape"));
    else if (this.ambiguous) this.out.push(character(this.state === "csi" ? "[" : "O", { ...plain, alt: true }));
    else return this.out;
    this.state = "ground";
    return this.out;
  }

  /** A byte where no sequence is open. */
  static ground(m: Machine, byte: number): void {
    if (byte === ESC) {
      m.state = "escape";
    } else if (byte < 0x20 || byte === 0x7f) {
      const key = control(byte);
      m.out.push(m.alt ? { ...key, alt: true } : key);
      m.alt = false;
    } else if (byte < 0x80) {
      m.character(byte);
    } else {
      Machine.utf8Start(m, byte);
    }
  }

  private static utf8Start(m: Machine, byte: number): void {
    m.missing = byte >= 0xf0 && byte < 0xf5 ? 3 : byte >= 0xe0 && byte < 0xf0 ? 2 : byte >= 0xc2 && byte < 0xe0 ? 1 : 0;
    if (m.missing === 0) {
      m.alt = false; // a stray continuation byte or an impossible one: nothing was typed
      m.state = "ground";
      return;
    }
    m.codePoint = byte & (0x3f >> m.missing);
    m.least = m.missing === 3 ? 0x10000 : m.missing === 2 ? 0x800 : 0x80;
    m.state = "utf8";
  }

  static utf8(m: Machine, byte: number): void {
    if ((byte & 0xc0) !== 0x80) {
      m.alt = false;
      m.state = "ground";
      Machine.ground(m, byte);
      return;
    }
    m.codePoint = (m.codePoint << 6) | (byte & 0x3f);
    if (--m.missing > 0) return;
    m.state = "ground";
    const valid = m.codePoint >= m.least && m.codePoint <= 0x10ffff && (m.codePoint < 0xd800 || m.codePoint > 0xdfff);
    // U+0080..U+009F are C1 controls, not keys.
    if (valid && m.codePoint >= 0xa0) m.character(m.codePoint);
    m.alt = false;
  }

  private character(codePoint: number): void {
    this.out.push(character(String.fromCodePoint(codePoint), this.alt ? { ...plain, alt: true } : plain));
    this.alt = false;
  }

  static escape(m: Machine, byte: number): void {
    switch (byte) {
      case ESC:
        m.out.push(named("escape"));
        return;
      case 0x5b: // [
        m.text = "";
        m.state = "csi";
        return;
      case 0x4f: // O
        m.text = "";
        m.state = "ss3";
        return;
      case 0x5d: // ] OSC
      case 0x50: // P DCS
      case 0x58: // X SOS
      case 0x5e: // ^ PM
      case 0x5f: // _ APC
        m.state = "string";
        return;
      default:
        m.state = "ground";
        m.alt = true;
        Machine.ground(m, byte);
    }
  }

  static csi(m: Machine, byte: number): void {
    if (byte >= 0x20 && byte <= 0x3f) {
      m.text += String.fromCharCode(byte);
      if (m.text.length > parameterBytesMax) m.state = "csiSkip";
    } else if (byte >= 0x40 && byte <= 0x7e) {
      m.state = "ground";
      m.dispatch(String.fromCharCode(byte));
    } else {
      m.state = "ground"; // broken off
      Machine.ground(m, byte);
    }
  }

  static csiSkip(m: Machine, byte: number): void {
    if (byte >= 0x20 && byte <= 0x3f) return;
    m.state = "ground";
    if (byte < 0x40 || byte > 0x7e) Machine.ground(m, byte);
  }

  private dispatch(final: string): void {
    const text = this.text;
    if (text.startsWith("<")) {
      if (final !== "M" && final !== "m") return;
      const event = sgrMouse(text.slice(1).split(";").map(Number), final === "m");
      if (event && Number.isInteger(event.col) && Number.isInteger(event.row)) this.out.push(event);
      return;
    }
    if (text === "" && final === "M") {
      this.x10Left = 3; // the old mouse report; we never ask for it
      this.state = "x10";
      return;
    }
    if (!/^[0-9;:]*$/.test(text)) return; // answers to queries and private sequences
    const fields = text.split(";");
    const number = (field: number, part = 0): number => Number(fields[field]?.split(":")[part] ?? "") || 0;
    if (text === "" && (final === "I" || final === "O")) {
      this.out.push({ type: "focus", focused: final === "I" });
      return;
    }
    if (number(1, 1) === 3) return; // kitty: key released
    const mods = modifiers(number(1));
    if (final === "~") this.tilde(number(0), mods, number(2));
    else if (final === "u") {
      const typed = (fields[2] ?? "")
        .split(":")
        .map(Number)
        .filter((code) => code >= 32 && code <= 0x10ffff);
      const event = kittyKey(number(0), mods, typed.length > 0 ? String.fromCodePoint(...typed) : "");
      if (event) this.out.push(event);
    } else if (final === "Z") this.out.push(named("tab", { ...mods, shift: true }));
    else {
      const key = finals[final];
      if (key) this.out.push(named(key, mods));
    }
  }

  private tilde(code: number, mods: ReturnType<typeof modifiers>, third: number): void {
    if (code === 200) {
      this.paste = [];
      this.pasteTruncated = false;
      this.pasteMatch = 0;
      this.state = "paste";
      return;
    }
    if (code === 27) {
      // xterm's modifyOtherKeys: CSI 27 ; mods ; code ~
      const event = kittyKey(third, mods, "");
      if (event) this.out.push(event);
      return;
    }
    const key = tildes[code];
    if (key) this.out.push(named(key, mods));
  }

  static ss3(m: Machine, byte: number): void {
    if (byte >= 0x30 && byte <= 0x39 && m.text.length < 4) {
      m.text += String.fromCharCode(byte); // a few terminals put the modifier here
      return;
    }
    m.state = "ground";
    const final = String.fromCharCode(byte);
    const key = finals[final];
    const pad = keypad[final];
    if (key) m.out.push(named(key, modifiers(Number(m.text))));
    else if (pad) m.out.push(pad.length === 1 ? character(pad) : named(pad));
    else if (byte < 0x20 || byte >= 0x7f) Machine.ground(m, byte);
  }

  static x10(m: Machine, _byte: number): void {
    if (--m.x10Left === 0) m.state = "ground";
  }

  /** Answers of the terminal to somebody's queries: skipped. */
  static string(m: Machine, byte: number): void {
    if (byte === 0x07) m.state = "ground";
    else if (byte === ESC) m.state = "stringEscape";
  }

  static stringEscape(m: Machine, byte: number): void {
    if (byte === 0x5c) {
      m.state = "ground";
      return;
    }
    // Another sequence began: the string was broken off.
    m.state = "escape";
    Machine.escape(m, byte);
  }

  static paste(m: Machine, byte: number): void {
    if (byte === pasteEnd[m.pasteMatch]) {
      if (++m.pasteMatch < pasteEnd.length) return;
      m.state = "ground";
      const text = cleanPaste(new TextDecoder().decode(Uint8Array.from(m.paste)));
      m.paste = [];
      m.out.push({ type: "paste", text, truncated: m.pasteTruncated });
      return;
    }
    for (let i = 0; i < m.pasteMatch; i++) m.keep(pasteEnd[i]!);
    m.pasteMatch = byte === ESC ? 1 : 0;
    if (m.pasteMatch === 0) m.keep(byte);
  }

  private keep(byte: number): void {
    if (this.paste.length < promptBytesMax) this.paste.push(byte);
    else this.pasteTruncated = true;
  }
}

const pasteEnd: readonly number[] = [...new TextEncoder().encode("\x1b[201~")];

/** Line ends become \n; no control character but \n and \t survives, so a paste can hold no key and no sequence. */
function cleanPaste(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "");
}

/** What each state does with a byte. */
const steps: { readonly [S in State]: (m: Machine, byte: number) => void } = {
  ground: Machine.ground,
  utf8: Machine.utf8,
  escape: Machine.escape,
  csi: Machine.csi,
  csiSkip: Machine.csiSkip,
  ss3: Machine.ss3,
  x10: Machine.x10,
  string: Machine.string,
  stringEscape: Machine.stringEscape,
  paste: Machine.paste,
};

export function createInputDecoder(): InputDecoder {
  return new Machine();
}
