// Writes src/config/catalogue-table.ts: models with their sizes and prices, from @pydantic/genai-prices (MIT), for providers that need
// no more than a key. What that package does not tell (thinking, pictures, longest answer) goes by the families of models below.
//   node src/build/make-catalogue.mjs
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const source = fileURLToPath(import.meta.resolve("@pydantic/genai-prices"));
const { version } = JSON.parse(fs.readFileSync(path.join(path.dirname(source), "../package.json"), "utf8"));

/** Our ids of providers, theirs, and which of their models we have a wire for. */
const wanted = [
  ["openai", "openai", /^(?!gpt-oss)/],
  ["anthropic", "anthropic", /^claude/],
  ["gemini", "google", /^(?:gemini|gemma-[4-9])/],
  ["vertexai", "google", /^(?:gemini|claude-(?!3-|4-))/],
  ["azure", "openai", /^(?!gpt-oss)/],
  ["bedrock", "aws", /^global\.anthropic\./],
  ["openrouter", "openrouter", /./],
  ["deepseek", "deepseek", /./],
  ["groq", "groq", /./],
  ["xai", "x-ai", /./],
  ["cerebras", "cerebras", /./],
  ["avian", "avian", /./],
  ["baseten", "baseten", /./],
  ["moonshot", "moonshotai", /./],
  ["minimax", "minimax", /./],
  ["zai", "zai", /./],
];

/** Nothing to talk to, retired, or without calls of tools. */
const left =
  /embed|tts|audio|image|realtime|transcribe|whisper|moderation|davinci|babbage|curie|^ada|search|deep-research|instruct-|computer-use|vision-preview|ocr|guard|sonic|live|omni|voice|gpt-3|gpt-4(?![.\do])|^ft:|codex-mini$|chatgpt|o1-mini|o1-preview|claude-[12](?!\d)|claude-3-(?:opus|sonnet|haiku)|gemini-(?:1|pro)|gemini-flash|multi-agent|:free$|extended/i;

const thinks =
  /(?:^|[/.])(?:o[134]|gpt-(?:[5-9]|oss))|claude-(?:3[.-]7|(?:opus|sonnet|haiku)-[4-9]|[a-z]+-[5-9]|[4-9])|gemini-(?:2\.5|[3-9])|grok-(?:3-mini|4|build|code)|deepseek-(?:r\d|reasoner|v3\.[1-9]|v[4-9])|glm-(?:4\.[5-9]|4p[5-9]|[5-9])|kimi-k(?:2-thinking|2[.p][5-9]|[3-9])|qwen-?3|minimax-m|magistral|thinking|reasoning|qwq/i;
const thinksNot = /non-reasoning|gpt-5[\w.]*-chat/i;
const sees =
  /(?:^|[/.])(?:o[134](?!-mini)|o4-mini|gpt-(?:4o|4\.1|[5-9]))|claude|gemini|gemma-(?:3|4)|grok-4|vision|llama-?4|pixtral|-vl|mistral-(?:medium|large|small)-?(?:3|2[56])|kimi-k(?:2[.p][5-9]|[3-9])|omni/i;

/** Longest answers, first match wins. */
const outputs = [
  [/claude-(?:opus-4-[6-9]|sonnet-4-[6-9]|opus-4\.[6-9]|sonnet-4\.[6-9]|[a-z]+-[5-9])/, 128_000],
  [/claude-opus-4(?:-[01]|\.1|$|-2025)/, 32_000],
  [/claude/, 64_000],
  [/gpt-[5-9]/, 128_000],
  [/gpt-4\.1/, 32_768],
  [/gpt-4o/, 16_384],
  [/(?:^|\/)o[134]/, 100_000],
  [/gemini-(?:2\.5|[3-9])/, 65_536],
];
/** Of the rest: a quarter of what they can hold at most, as the sum of prompt and answer must fit. */
const outputMax = 32_768;

const number = (price) => (typeof price === "number" ? price : typeof price?.base === "number" ? price.base : 0);

/** Prices of today: the last entry without a condition on time, or whose begin is behind us. */
function pricesOf({ prices }) {
  if (!Array.isArray(prices)) return prices;
  const now = new Date().toISOString().slice(0, 10);
  const fits = ({ constraint }) => !constraint || (typeof constraint.start_date === "string" && constraint.start_date <= now);
  return prices.filter(fits).at(-1)?.prices ?? prices[0]?.prices ?? {};
}

/** The package gives its data to nobody but its own functions: the list is read where it stands. */
function readData() {
  const text = fs.readFileSync(source, "utf8");
  const from = text.indexOf("[");
  const to = text.indexOf("\n]", from) + 2;
  return Function(`return ${text.slice(from, to)}`)();
}

const round = (price) => Number(price.toPrecision(6));

function rowOf(model) {
  const { id } = model;
  const prices = pricesOf(model);
  const window = model.context_window ?? (/^gemini/.test(id) ? 1_048_576 : undefined);
  if (!window || left.test(id) || model.deprecated) return undefined;
  const input = number(prices.input_mtok);
  const output = number(prices.output_mtok);
  if (input + output === 0) return undefined;
  const bound = outputs.find(([pattern]) => pattern.test(id))?.[1] ?? Math.min(outputMax, Math.max(4_096, Math.floor(window / 4)));
  const flags = `${thinks.test(id) && !thinksNot.test(id) ? "t" : ""}${sees.test(id) ? "i" : ""}`;
  const name = model.name && model.name !== id ? model.name.replace(/[|\n]/g, " ") : "";
  const write = number(prices.cache_write_mtok);
  const money = [
    input,
    output,
    prices.cache_read_mtok === undefined ? input : number(prices.cache_read_mtok),
    ...(write > 0 ? [write] : []),
  ].map(round);
  return [id, name, window, Math.min(bound, Math.floor(window / 2)), flags, ...money].join("|");
}

/** Newer ones first: they have the larger number, as names go. */
const byAge = (a, b) => Number(/^o\d/.test(a.id)) - Number(/^o\d/.test(b.id)) || b.id.localeCompare(a.id, "en", { numeric: true });

const data = new Map(readData().map((provider) => [provider.id, provider.models]));
const tables = wanted.map(([ours, theirs, fits]) => {
  const models = (data.get(theirs) ?? []).filter(({ id }) => fits.test(id)).sort(byAge);
  const rows = models.map(rowOf).filter(Boolean);
  if (rows.length === 0) throw new Error(`@pydantic/genai-prices ${version} has no models of ${theirs}`);
  return `  ${/^[a-z]+$/.test(ours) ? ours : JSON.stringify(ours)}: \`\n${rows.join("\n")}\n\`,`;
});
const file = path.join(root, "src/config/catalogue-table.ts");
fs.writeFileSync(
  file,
  `// Generated by src/build/make-catalogue.mjs from @pydantic/genai-prices ${version}: not to be edited by hand.
// A line a model: id | name | context | longest answer | t thinks, i sees pictures | dollars for a million tokens of input | of output
// | read from the cache | written to it
export const table: Record<string, string> = {
${tables.join("\n")}
};
`,
);
console.log(`${path.relative(root, file)}: ${fs.statSync(file).size} bytes`);
