import { attr, colourRgb, type Style } from "../../contracts/view.ts";

/** Every style that the UI uses, by what it means. The screen maps colours to what the terminal has. */
export type Theme = {
  text: Style;
  /** Secondary text: notes, hints, metadata. */
  muted: Style;
  /** Barely there: rules, gutters, line numbers. */
  faint: Style;
  strong: Style;
  /** The brand's colour: prompts, selected things, the spinner. */
  primary: Style;
  secondary: Style;
  success: Style;
  warning: Style;
  error: Style;
  user: Style;
  reasoning: Style;
  selected: Style;
  selection: Style;
  border: Style;
  borderFocused: Style;
  status: Style;
  statusStrong: Style;
  badge: Style;
  badgeWarning: Style;
  markdown: { heading: Style; heading2: Style; code: Style; link: Style; quote: Style; bullet: Style; rule: Style; tableHead: Style };
  code: { plain: Style; keyword: Style; type: Style; string: Style; number: Style; comment: Style; name: Style; punctuation: Style };
  diff: { add: Style; addMark: Style; remove: Style; removeMark: Style; context: Style; hunk: Style; number: Style };
};

const rgb = (value: number): number => colourRgb | value;
export const style = (fg: number, bg = 0, attrs = 0): Style => ({ fg: fg === 0 ? 0 : rgb(fg), bg: bg === 0 ? 0 : rgb(bg), attrs });
export const withAttrs = (base: Style, bits: number): Style => (bits === 0 ? base : { ...base, attrs: base.attrs | bits });
export const onto = (base: Style, under: Style): Style => ({ ...base, bg: base.bg || under.bg });
export const { bold, italic, underline, strike } = attr;
