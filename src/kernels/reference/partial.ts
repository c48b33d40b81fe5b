// The partial kernel in plain TypeScript, over JavaScript strings (assembly/partial has the same states).
// This is what the product reads streamed tool arguments with: they have become strings by the time anybody wants to look into them,
// a tick brings some 15 characters of them, and at that size writing them into WASM memory and reading them from there again costs
// more than this. From about 100 characters a piece on the kernel is faster, some 5 times at 1 KB (bench/partial.ts).
import {
  AFTER_ALL,
  AFTER_DOT,
  AFTER_E,
  AFTER_E_SIGN,
  AFTER_MINUS,
  AFTER_VALUE,
  EXPECT_COLON,
  EXPECT_FIRST_KEY,
  EXPECT_FIRST_VALUE,
  EXPECT_KEY,
  EXPECT_VALUE,
  IN_ESCAPE,
  IN_EXPONENT,
  IN_FRACTION,
  IN_HEX,
  IN_INTEGER,
  IN_LITERAL,
  IN_STRING,
  IN_ZERO,
  REFUSED,
} from "../../../assembly/abi/partial.ts";
import { LiveValue, type PartialJson, type TextListener } from "../partial-value.ts";

const quote = 0x22;
const backslash = 0x5c;

/** The state between pieces; strict as `JSON.parse`. */
export class PlainPartial implements PartialJson {
  readonly #live: LiveValue;
  #at: number;
  #isKey = false;
  /** Digits of an escape so far, behind a leading 1. */
  #hex = 0;
  /** Letters of a literal that must follow. */
  #rest = "";
  #units = 0;
  #badAt: number | undefined;

  /** @param from  where to go on between two tokens: a value whose open containers are open already, and the state */
  constructor(listener?: TextListener, from?: { live: LiveValue; at: number }) {
    this.#live = from?.live ?? new LiveValue(listener);
    this.#at = from?.at ?? EXPECT_VALUE;
  }

  /** UTF-16 units pushed. */
  get units(): number {
    return this.#units;
  }

  get state(): "open" | "whole" | "bad" {
    return stateOf(this.#at, this.#live.depth);
  }

  /** UTF-16 units before the one that cannot stand where it stands. */
  get badAt(): number | undefined {
    return this.#badAt;
  }

  value(): unknown {
    return this.#live.get();
  }

  close(): void {}

  push(piece: string): void {
    if (this.#at === REFUSED) return;
    const taken = this.#scan(piece);
    if (this.#at === REFUSED) this.#badAt = this.#units + taken;
    this.#units += piece.length;
  }

  // Hot: every unit of streamed arguments. Budget 0.1 us a fragment (bench/partial.ts).
  /** Units taken: all, or those before the one that is refused. */
  #scan(piece: string): number {
    const length = piece.length;
    let i = 0;
    while (i < length) {
      const c = piece.charCodeAt(i);
      if (this.#at === IN_STRING) {
        if (c !== quote && c !== backslash && c >= 0x20) {
          const start = i;
          i = endOfPlain(piece, i + 1);
          this.#live.text(start === 0 && i === length ? piece : piece.slice(start, i));
          continue;
        }
        if (c === quote) {
          this.#live.end();
          this.#at = this.#isKey ? EXPECT_COLON : this.#afterValue();
        } else this.#at = c === backslash ? IN_ESCAPE : REFUSED;
      } else {
        if (this.#at >= AFTER_MINUS) {
          const next = numberState(this.#at, c);
          if (next !== 0) {
            this.#live.text(piece[i]!);
            this.#at = next;
            i++;
            continue;
          }
          if (this.#at < IN_ZERO) this.#at = REFUSED;
          else {
            this.#live.end();
            this.#at = this.#afterValue();
          }
        }
        if (this.#at > AFTER_ALL || !isSpace(c)) this.#step(c, piece[i]!);
      }
      if (this.#at === REFUSED) return i;
      i++;
    }
    return length;
  }

  #afterValue(): number {
    return this.#live.depth === 0 ? AFTER_ALL : AFTER_VALUE;
  }

  #ascend(): void {
    this.#live.ascend();
    this.#at = this.#afterValue();
  }

  #step(c: number, char: string): void {
    switch (this.#at) {
      case EXPECT_FIRST_VALUE:
        if (char === "]") this.#ascend();
        else this.#begin(c, char);
        break;
      case EXPECT_VALUE:
        this.#begin(c, char);
        break;
      case EXPECT_FIRST_KEY:
        if (char === "}") this.#ascend();
        else this.#key(c);
        break;
      case EXPECT_KEY:
        this.#key(c);
        break;
      case EXPECT_COLON:
        this.#at = char === ":" ? EXPECT_VALUE : REFUSED;
        break;
      case AFTER_VALUE:
        if (char === ",") this.#at = this.#live.inArray ? EXPECT_VALUE : EXPECT_KEY;
        else if (char === (this.#live.inArray ? "]" : "}")) this.#ascend();
        else this.#at = REFUSED;
        break;
      case IN_ESCAPE:
        this.#escape(char);
        break;
      case IN_HEX:
        this.#hexDigit(char);
        break;
      case IN_LITERAL:
        if (this.#rest[0] !== char) this.#at = REFUSED;
        else {
          this.#rest = this.#rest.slice(1);
          if (this.#rest === "") this.#at = this.#afterValue();
        }
        break;
      default:
        this.#at = REFUSED;
    }
  }

  #key(c: number): void {
    if (c !== quote) {
      this.#at = REFUSED;
      return;
    }
    this.#live.key();
    this.#isKey = true;
    this.#at = IN_STRING;
  }

  #begin(c: number, char: string): void {
    if (c === quote) {
      this.#live.string();
      this.#isKey = false;
      this.#at = IN_STRING;
    } else if (char === "{") {
      this.#live.descend({});
      this.#at = EXPECT_FIRST_KEY;
    } else if (char === "[") {
      this.#live.descend([]);
      this.#at = EXPECT_FIRST_VALUE;
    } else if (char === "-" || isDigit(c)) {
      this.#live.number();
      this.#live.text(char);
      this.#at = char === "-" ? AFTER_MINUS : char === "0" ? IN_ZERO : IN_INTEGER;
    } else if (char === "t") this.#literal(true, "rue");
    else if (char === "f") this.#literal(false, "alse");
    else if (char === "n") this.#literal(null, "ull");
    else this.#at = REFUSED;
  }

  #literal(value: true | false | null, rest: string): void {
    this.#live.literal(value);
    this.#rest = rest;
    this.#at = IN_LITERAL;
  }

  #escape(char: string): void {
    if (char === "u") {
      this.#hex = 1;
      this.#at = IN_HEX;
      return;
    }
    const at = escapes.indexOf(char);
    if (at < 0) this.#at = REFUSED;
    else {
      this.#live.text(escaped[at]!);
      this.#at = IN_STRING;
    }
  }

  #hexDigit(char: string): void {
    const digit = hexDigits.indexOf(char.toLowerCase());
    if (digit < 0) {
      this.#at = REFUSED;
      return;
    }
    this.#hex = this.#hex * 16 + digit;
    if (this.#hex < 0x1_0000) return;
    this.#live.text(String.fromCharCode(this.#hex & 0xffff));
    this.#at = IN_STRING;
  }
}

/** What a parser in state `at` makes of it all. */
export function stateOf(at: number, depth: number): "open" | "whole" | "bad" {
  if (at === REFUSED) return "bad";
  return at === AFTER_ALL || (at >= IN_ZERO && depth === 0) ? "whole" : "open";
}

const escapes = 'n"\\trbf/';
const escaped = '\n"\\\t\r\b\f/';
const hexDigits = "0123456789abcdef";

const isDigit = (c: number): boolean => c >= 0x30 && c <= 0x39;
const isSpace = (c: number): boolean => c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09;

/** The first unit from `i` on that a string does not simply go on with. */
function endOfPlain(piece: string, from: number): number {
  let i = from;
  for (; i < piece.length; i++) {
    const c = piece.charCodeAt(i);
    if (c === quote || c === backslash || c < 0x20) break;
  }
  return i;
}

/** State of a number after `c`, or 0 when it does not go on with it. */
function numberState(at: number, c: number): number {
  const digit = isDigit(c);
  switch (at) {
    case AFTER_MINUS:
      return digit ? (c === 0x30 ? IN_ZERO : IN_INTEGER) : 0;
    case IN_INTEGER:
    case IN_ZERO:
      if (digit) return at === IN_INTEGER ? IN_INTEGER : 0;
      return c === 0x2e ? AFTER_DOT : (c | 0x20) === 0x65 ? AFTER_E : 0;
    case AFTER_DOT:
      return digit ? IN_FRACTION : 0;
    case IN_FRACTION:
      return digit ? IN_FRACTION : (c | 0x20) === 0x65 ? AFTER_E : 0;
    case AFTER_E:
      return digit ? IN_EXPONENT : c === 0x2b || c === 0x2d ? AFTER_E_SIGN : 0;
    default:
      return digit ? IN_EXPONENT : 0;
  }
}
