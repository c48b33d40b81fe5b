import type { Token, Tokens } from "marked";
import type { Style } from "../../contracts/view.ts";
import type { Theme } from "../theme/index.ts";
import { bold, italic, onto, strike, withAttrs } from "../theme/theme.ts";
import type { Run } from "./wrap.ts";

/** Only what a terminal may open: anything else is shown as text with its address. */
function linkTarget(href: string): string | undefined {
  return /^(?:https?|file):\/\/[\x21-\x7e]+$/i.test(href) ? href : undefined;
}

const entities: { readonly [name: string]: string } = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
  "&nbsp;": " ",
};
const withoutEntities = (text: string): string => text.replace(/&(?:amp|lt|gt|quot|#39|nbsp);/g, (entity) => entities[entity]!);

/** Inline markdown as styled runs. \n in a run is a hard break; soft breaks are spaces. */
export function inlineRuns(tokens: readonly Token[], base: Style, theme: Theme): Run[] {
  const out: Run[] = [];
  for (const token of tokens) inlineToken(token, base, theme, out);
  return out;
}

function inlineToken(token: Token, base: Style, theme: Theme, out: Run[]): void {
  switch (token.type) {
    case "strong":
      out.push(...inlineRuns((token as Tokens.Strong).tokens, withAttrs(base, bold), theme));
      return;
    case "em":
      out.push(...inlineRuns((token as Tokens.Em).tokens, withAttrs(base, italic), theme));
      return;
    case "del":
      out.push(...inlineRuns((token as Tokens.Del).tokens, withAttrs(base, strike), theme));
      return;
    case "codespan":
      out.push({
        text: (token as Tokens.Codespan).text.replace(/\n/g, " "),
        style: withAttrs(onto(theme.markdown.code, base), base.attrs),
      });
      return;
    case "br":
      out.push({ text: "\n", style: base });
      return;
    case "link":
      link(token as Tokens.Link, base, theme, out);
      return;
    case "image": {
      const image = token as Tokens.Image;
      out.push({ text: `[image: ${image.text || image.href}]`, style: theme.muted });
      return;
    }
    default: {
      const text = token as Tokens.Text;
      if (text.tokens) out.push(...inlineRuns(text.tokens, base, theme));
      else
        out.push({
          text: withoutEntities(text.type === "text" || text.type === "escape" ? text.text : token.raw).replace(/\n/g, " "),
          style: base,
        });
    }
  }
}

function link(token: Tokens.Link, base: Style, theme: Theme, out: Run[]): void {
  const target = linkTarget(token.href);
  const shown = withAttrs(theme.markdown.link, base.attrs);
  const linked = target ? { ...shown, link: target } : shown;
  const label = inlineRuns(token.tokens, linked, theme).map((run) => ({
    text: run.text,
    style: target && run.style !== linked ? { ...run.style, link: target } : run.style,
  }));
  out.push(...label);
  // Without OSC 8 the address would be lost, and with it a label could lie about where it leads.
  const text = label.map((run) => run.text).join("");
  if (text !== token.href && `mailto:${text}` !== token.href && token.href !== "")
    out.push({ text: ` (${token.href})`, style: theme.muted });
}
