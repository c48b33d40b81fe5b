// Output of programs as a person would have seen it last: colours and cursor moves dropped, progress bars at their final state.

// CSI, OSC and the other string sequences, and two-byte escapes; an unfinished one at the end goes too.
const sequences = /\u001b(?:\[[0-?]*[ -/]*[@-~]?|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~]?)|\u009b[0-?]*[ -/]*[@-~]?/g;

/** Text without terminal sequences; of a line that was written over with \r only what came last. */
export function plainOutput(text: string): string {
  if (!/[\u0008\r\u001b\u009b]/.test(text)) return text;
  return text
    .replace(sequences, "")
    .replace(/\r+\n/g, "\n")
    .split("\n")
    .map((line) => (line.includes("\r") ? line.replace(/\r+$/, "").split("\r").at(-1)! : line))
    .join("\n")
    .replace(/[^\n\u0008]\u0008/g, "");
}
