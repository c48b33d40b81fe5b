// Where Gemini models differ. Data with defaults; the last entry that fits wins, field by field.
export type Quirks = {
  /** The model thinks, whatever the configuration knows of it. */
  thinks: boolean;
  /** How much: as a level, or as tokens. */
  thinking: "level" | "budget";
  budgets: Record<"low" | "medium" | "high", number>;
  /** What comes nearest to not thinking. */
  budgetMin: number;
  /** Stands for the signature of a call that the model did not make itself; undefined where none is asked for. */
  unsigned: string | undefined;
};

const defaults: Quirks = {
  thinks: false,
  thinking: "level",
  // Crush's budget is the middle one.
  budgets: { low: 1_024, medium: 2_000, high: 24_576 },
  budgetMin: 0,
  // Documented by Google for calls from elsewhere.
  unsigned: "skip_thought_signature_validator",
};

const entries: { model: RegExp; quirks: Partial<Quirks> }[] = [
  { model: /gemini-(?:[3-9]|\d\d)/, quirks: { thinks: true } },
  { model: /gemini-[12]|gemma/, quirks: { thinking: "budget", unsigned: undefined } },
  { model: /gemini-2\.5/, quirks: { thinks: true } },
  { model: /gemini-2\.5-pro/, quirks: { budgetMin: 128 } },
];

export function quirksOf(model: string): Quirks {
  const found = { ...defaults };
  for (const { model: pattern, quirks } of entries) if (pattern.test(model)) Object.assign(found, quirks);
  return found;
}
