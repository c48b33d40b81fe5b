import { attr, colourPalette, type Style } from "../../contracts/view.ts";
import { bold, italic, type Theme, underline } from "./theme.ts";

const { dim, inverse } = attr;
const [red, green, yellow, blue, magenta, cyan, grey] = [1, 2, 3, 4, 5, 6, 8].map((index) => colourPalette | index) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];
const style = (fg = 0, attrs = 0, bg = 0): Style => ({ fg, bg, attrs });

/**
 * The terminal's own 16 colours: whatever its user made of them, light or dark. No background is set, since nobody knows what is
 * readable on it; what is selected is shown the other way round.
 */
export const ansi: Theme = {
  text: style(),
  muted: style(grey),
  faint: style(grey),
  strong: style(0, bold),
  primary: style(magenta),
  secondary: style(cyan),
  success: style(green),
  warning: style(yellow),
  error: style(red),
  user: style(magenta),
  reasoning: style(0, italic | dim),
  selected: style(0, inverse),
  selection: style(0, inverse),
  border: style(grey),
  borderFocused: style(magenta),
  status: style(grey),
  statusStrong: style(),
  badge: style(cyan, inverse | bold),
  badgeWarning: style(yellow, inverse | bold),
  markdown: {
    heading: style(magenta, bold),
    heading2: style(cyan, bold),
    code: style(yellow),
    link: style(blue, underline),
    quote: style(0, italic | dim),
    bullet: style(magenta),
    rule: style(grey),
    tableHead: style(cyan, bold),
  },
  code: {
    plain: style(),
    keyword: style(magenta),
    type: style(cyan),
    string: style(green),
    number: style(yellow),
    comment: style(grey, italic),
    name: style(blue),
    punctuation: style(),
  },
  diff: {
    add: style(green),
    addMark: style(green, bold),
    remove: style(red),
    removeMark: style(red, bold),
    context: style(),
    hunk: style(cyan),
    number: style(grey),
  },
};
