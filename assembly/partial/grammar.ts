// assembly/partial/grammar.ts: what a byte means in JSON, whatever was before it is told.
import { AFTER_DOT, AFTER_E, AFTER_E_SIGN, AFTER_MINUS, IN_EXPONENT, IN_FRACTION, IN_INTEGER, IN_ZERO } from "../abi/partial";

// @ts-ignore: decorator
@inline
export function isSpace(c: u32): bool {
  return c == 0x20 || c == 0x0a || c == 0x0d || c == 0x09;
}

// @ts-ignore: decorator
@inline
export function isDigit(c: u32): bool {
  return c - 0x30 < 10;
}

/** State of a number in `state` after `c`, or 0 when it does not go on with it. */
export function numberState(state: i32, c: u32): i32 {
  switch (state) {
    case AFTER_MINUS:
      return isDigit(c) ? (c == 0x30 ? IN_ZERO : IN_INTEGER) : 0;
    case IN_INTEGER:
      if (isDigit(c)) return IN_INTEGER;
    case IN_ZERO:
      return c == 0x2e ? AFTER_DOT : (c | 0x20) == 0x65 ? AFTER_E : 0;
    case AFTER_DOT:
      return isDigit(c) ? IN_FRACTION : 0;
    case IN_FRACTION:
      return isDigit(c) ? IN_FRACTION : (c | 0x20) == 0x65 ? AFTER_E : 0;
    case AFTER_E:
      if (c == 0x2b || c == 0x2d) return AFTER_E_SIGN;
    default:
      return isDigit(c) ? IN_EXPONENT : 0;
  }
}

/** The byte that an escape of one letter stands for, or 0. */
export function escaped(c: u32): u32 {
  if (c == 0x6e) return 0x0a;
  if (c == 0x22 || c == 0x5c || c == 0x2f) return c;
  if (c == 0x74) return 0x09;
  if (c == 0x72) return 0x0d;
  if (c == 0x62) return 0x08;
  return c == 0x66 ? 0x0c : 0;
}
