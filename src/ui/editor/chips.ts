/** A paste of more lines or characters than this folds to a chip: it would push everything else off the screen. */
const pasteLinesMax = 8;
const pasteCharsMax = 1_000;

/** Chips stand in the text as one private-use character each; such characters in pasted or typed text are dropped. */
const firstChip = 0xf0000;
const lastChip = 0xf0fff;
const chipChars = /[\u{f0000}-\u{f0fff}]/gu;

/** Folded pastes of one editor, by the character that stands for them. */
export class Chips {
  private readonly texts = new Map<string, string>();
  private next = firstChip;

  /** The text as it goes into the buffer: itself when it is small, else the character of a new chip. */
  fold(pasted: string): string {
    const text = pasted.replace(chipChars, "");
    if (text.length <= pasteCharsMax && text.split("\n").length <= pasteLinesMax) return text;
    if (this.next > lastChip) return text;
    const char = String.fromCodePoint(this.next++);
    this.texts.set(char, text);
    return char;
  }

  /** Typed text without characters that would pass for chips. */
  static strip(text: string): string {
    return text.replace(chipChars, "");
  }

  label(char: string): string | undefined {
    const text = this.texts.get(char);
    if (text === undefined) return undefined;
    const lines = text.split("\n").length;
    return lines > 1 ? `[pasted ${lines} lines]` : `[pasted ${text.length} characters]`;
  }

  /** The buffer's text with every chip replaced by what was pasted. */
  expand(text: string): string {
    return text.replace(chipChars, (char) => this.texts.get(char) ?? "");
  }

  /** For moving to another worker. */
  entries(): [string, string][] {
    return [...this.texts];
  }

  restore(entries: readonly [string, string][]): void {
    for (const [char, text] of entries) {
      this.texts.set(char, text);
      this.next = Math.max(this.next, char.codePointAt(0)! + 1);
    }
  }

  clear(): void {
    this.texts.clear();
    this.next = firstChip;
  }
}
