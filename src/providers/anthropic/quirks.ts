// Where Claude models differ. Data with defaults; the last entry that fits wins, field by field.
export type Quirks = {
  /** How it is told to think: a budget of tokens, or that it may decide itself. */
  thinking: "budget" | "adaptive";
  /** It takes temperature, top_p and top_k. */
  sampling: boolean;
  /** It takes `output_config.effort`. */
  effort: boolean;
};

const defaults: Quirks = { thinking: "budget", sampling: true, effort: false };

const entries: { model: RegExp; quirks: Partial<Quirks> }[] = [
  { model: /claude-opus-4-5/, quirks: { effort: true } },
  { model: /claude-[a-z]+-(?:4-[6-9]|[5-9])(?!\d)/, quirks: { thinking: "adaptive", effort: true } },
  // From here on sampling is refused, and so is a budget.
  { model: /claude-(?:opus-4-[7-9]|[a-z]+-[5-9])(?!\d)/, quirks: { sampling: false } },
];

export function quirksOf(model: string): Quirks {
  const found = { ...defaults };
  for (const { model: pattern, quirks } of entries) if (pattern.test(model)) Object.assign(found, quirks);
  return found;
}
