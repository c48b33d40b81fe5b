// What no rule of markdown looks at: letters, digits, single blanks and the punctuation of prose. It begins with a letter (no list,
// heading, rule or fence), has no line end (no table, no second kind of heading), and no / or @ (no address). Told by a table and
// not by a pattern, because a pattern of all this takes 8 ms to compile.
export const letter = 1;
const prose = 2;
const ascii = new Uint8Array(128);
for (const char of " .,;:()'\"?!%$=+-0123456789") ascii[char.charCodeAt(0)] = prose;
for (let code = 65; code < 91; code++) ascii[code] = ascii[code + 32] = letter;

/** `letter`, another number for what is prose too, or 0. */
export function kindOf(code: number): number {
  if (code < 0x80) return ascii[code]!;
  // Letters of Latin, Greek and Cyrillic; kana and Han; Hangul.
  if ((code >= 0xc0 && code < 0x530) || (code >= 0x3041 && code < 0xa000) || (code >= 0xac00 && code < 0xd7a4)) return letter;
  // Dashes and quotes.
  if ((code >= 0x2010 && code < 0x2020) || code === 0x2026 || code === 0x3001 || code === 0x3002) return prose;
  // Emoji of one code point, without the tones of skin: a longer cluster can become narrower while it grows.
  return (code >= 0x1f300 && code < 0x1f3fb) || (code >= 0x1f400 && code < 0x1fb00) ? prose : 0;
}

/** The full stop at `at` ends a www, in any case. */
export function isAddress(source: string, at: number): boolean {
  for (let i = at - 3; i < at; i++) if ((source.charCodeAt(i) | 0x20) !== 0x77) return false;
  return true;
}
