/** A prompt is at most a megabyte; a line that never ends is not kept for ever. */
const lineCharsMax = 1 << 20;

/**
 * Lines out of what a terminal sends that edits lines itself, and out of keys as they come while it shows nothing (a secret). What comes in
 * one piece is one entry: a paste of several lines is no list of prompts. A backslash at the end goes on in the next line.
 */
export class LineReader {
  private readonly takes: { line: (text: string) => void; interrupt: () => void };
  private readonly decoder = new TextDecoder();
  private buffer = "";

  constructor(takes: LineReader["takes"]) {
    this.takes = takes;
  }

  feed(bytes: Uint8Array): void {
    let text = this.decoder.decode(bytes, { stream: true });
    if (text.includes("\x03")) {
      this.buffer = "";
      this.takes.interrupt();
      text = text.slice(text.lastIndexOf("\x03") + 1);
    }
    for (const char of text) {
      if (char === "\x7f" || char === "\b") this.buffer = this.buffer.slice(0, -1);
      else if (char === "\x15") this.buffer = "";
      else if (char === "\r") this.buffer += "\n";
      else if (char === "\n" || char === "\t" || char >= " ") this.buffer += char;
    }
    this.buffer = this.buffer.slice(0, lineCharsMax);
    if (text === "" || !this.buffer.endsWith("\n")) return;
    const entry = this.buffer.slice(0, -1).replaceAll("\\\n", "\n");
    if (entry.endsWith("\\")) {
      this.buffer = `${entry.slice(0, -1)}\n`;
      return;
    }
    this.buffer = "";
    this.takes.line(entry);
  }
}
