// What is offered while one types: paths after @, commands after / at the start.

export type Completion = {
  kind: "file" | "command";
  /** Offset of the @ or /, and what stands behind it. */
  from: number;
  query: string;
  items: { value: string; label: string; detail: string }[];
  index: number;
};

export type Token = { kind: Completion["kind"]; from: number; query: string };

/** What is being completed at the cursor, if anything. */
export function completionToken(text: string, cursor: number): Token | undefined {
  const before = text.slice(Math.max(0, cursor - 1_024), cursor);
  if (cursor <= 64 && text.startsWith("/")) {
    const command = /^\/([\w:.-]*)$/.exec(before);
    if (command) return { kind: "command", from: 0, query: command[1]! };
  }
  const file = /(?:^|[\s(["'])@([^\s@]*)$/.exec(before);
  return file ? { kind: "file", from: cursor - file[1]!.length - 1, query: file[1]! } : undefined;
}
