// Where a grapheme cluster ends: UAX 29, all rules, as assembly/layout/cluster.ts has them. The runtime's Intl.Segmenter would say the
// same (test/terminal compares them), but takes 8 ms of CPU to open in each thread, and its Unicode version is the runtime's.
import { breaks, conjunct, flag, propertiesOf } from "./code-points.ts";

/** UTF-16 units looked at to find the end of one cluster. */
const clusterUnitsMax = 64;

/** Classes that join whatever comes before them, but controls. */
const joinsBefore = (after: number): boolean => after >= breaks.extend && after <= breaks.spacing;

function joinsSyllable(before: number, after: number): boolean {
  switch (before) {
    case breaks.leading:
      return after === breaks.leading || after === breaks.vowel || after === breaks.syllable || after === breaks.closedSyllable;
    case breaks.vowel:
    case breaks.syllable:
      return after === breaks.vowel || after === breaks.trailing;
    case breaks.trailing:
    case breaks.closedSyllable:
      return after === breaks.trailing;
    default:
      return false;
  }
}

/**
 * UTF-16 index behind the cluster that begins at `from`. A cluster of more than clusterUnitsMax units is cut; marks that are stacked
 * beyond that belong to it all the same, so that the rest of the pile is not shown alone.
 */
export function clusterEnd(text: string, from: number): number {
  let code = text.codePointAt(from)!;
  let properties = propertiesOf(code);
  let before = properties & breaks.mask;
  let at = from + (code > 0xffff ? 2 : 1);
  if (before === breaks.control) return code === 13 && text.charCodeAt(at) === 10 ? at + 1 : at;
  let regionals = before === breaks.regional ? 1 : 0;
  // 1 after a pictograph and what extends it, 2 after a joiner behind that.
  let picture = properties & flag.pictograph ? 1 : 0;
  // 1 after a consonant and what extends it, 2 when a linker was among that.
  let linked = (properties & conjunct.mask) === conjunct.consonant ? 1 : 0;
  while (at < text.length) {
    code = text.codePointAt(at)!;
    properties = propertiesOf(code);
    const after = properties & breaks.mask;
    if (after === breaks.control) break;
    const indic = properties & conjunct.mask;
    const joins =
      joinsBefore(after) ||
      before === breaks.prepend ||
      joinsSyllable(before, after) ||
      (before === breaks.regional && after === breaks.regional && regionals === 1) ||
      (linked === 2 && indic === conjunct.consonant) ||
      (picture === 2 && (properties & flag.pictograph) !== 0);
    if (!joins) break;
    const next = at + (code > 0xffff ? 2 : 1);
    if (next - from > clusterUnitsMax) break;
    at = next;
    if (properties & flag.pictograph) picture = 1;
    else if (picture === 1 && after === breaks.joiner) picture = 2;
    else if (!(picture === 1 && after === breaks.extend)) picture = 0;
    if (indic === conjunct.consonant) linked = 1;
    else if (linked > 0 && indic === conjunct.linker) linked = 2;
    else if (indic !== conjunct.extend) linked = 0;
    regionals = after === breaks.regional ? regionals + 1 : 0;
    before = after;
  }
  if (at - from >= clusterUnitsMax - 1)
    for (; at < text.length; at += code > 0xffff ? 2 : 1) {
      code = text.codePointAt(at)!;
      if (!(propertiesOf(code) & flag.mark)) break;
    }
  return at;
}
