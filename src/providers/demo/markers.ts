// Orders inside a prompt, for load and faults: [[text n=200 rate=50]], [[tool name=bash args={"command":"ls"} n=20]],
// [[fault=disconnect after=20]] (also stall, 429, 500, badjson, splitutf8). rate is words a second; 0: as fast as it goes.
import type { Situation } from "./chat.ts";

export type Fault = "disconnect" | "stall" | "429" | "500" | "badjson" | "splitutf8";
const faults: readonly string[] = ["disconnect", "stall", "429", "500", "badjson", "splitutf8"] satisfies Fault[];

export type Order = {
  words: number;
  rate: number;
  call: { tool: string; arguments: string } | undefined;
  fault: Fault | undefined /** Words before the fault. */;
  after: number /** Seconds of a stall. */;
  seconds: number;
};

/** An answer of a million words is a mistake, not a test. */
const wordsMax = 200_000;

export function readOrder({ request, steps }: Situation): Order | undefined {
  const marker = /\[\[\s*((?:text|tool|fault=)[\s\S]*?)\]\]/.exec(request)?.[1];
  if (marker === undefined) return undefined;
  const number = (name: string, otherwise: number): number =>
    Number(new RegExp(`\\b${name}=(\\d+(?:\\.\\d+)?)`).exec(marker)?.[1] ?? otherwise);
  const fault = /\bfault=(\w+)/.exec(marker)?.[1];
  const tool = marker.startsWith("tool") && steps.length === 0 ? /\bname=([\w.-]+)/.exec(marker)?.[1] : undefined;
  return {
    words: Math.min(wordsMax, number("n", 20)),
    rate: number("rate", 0),
    call: tool === undefined ? undefined : { tool, arguments: /\bargs=(\{[\s\S]*\})/.exec(marker)?.[1] ?? "{}" },
    fault: fault !== undefined && faults.includes(fault) ? (fault as Fault) : undefined,
    after: number("after", 10),
    seconds: number("secs", 2),
  };
}

const lexicon =
  "streams arrive in pieces and every piece is read once while the screen keeps its pace and the log keeps its order because nothing waits for anything else".split(
    " ",
  );

/** `count` words of markdown: headings, a list, code, wide characters and emoji, the same each time. */
export function loadWords(count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const word = lexicon[i % lexicon.length]!;
    const at = i % 100;
    if (at === 0) return `${i === 0 ? "" : "\n\n"}## Section ${i / 100 + 1}\n\n${word}`;
    if (at === 25 || at === 30 || at === 35) return `\n- **${word}**`;
    if (at === 45) return `\n\n\`\`\`ts\nconst ${word} = ${i};`;
    if (at > 45 && at < 60) return at % 4 === 0 ? `\n// ${word}` : ` ${word}`;
    if (at === 60) return `\n\`\`\`\n\n${word}`;
    if (at === 80) return ` 東京 🙂 ${word}`;
    return ` ${word}`;
  });
}
