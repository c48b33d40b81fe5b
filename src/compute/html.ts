import { convert, type FormatCallback, type HtmlToTextOptions } from "html-to-text";

/** Elements of a page that are opened; a hostile one nests without end. */
const depthMax = 200;
const childrenMax = 20_000;

/** No content of a page's own. */
const noise = ["script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "canvas", "form", "nav"];

const base: HtmlToTextOptions = {
  wordwrap: false,
  limits: { maxDepth: depthMax, maxChildNodes: childrenMax, maxInputLength: 1 << 24 },
  selectors: [...noise.map((selector) => ({ selector, format: "skip" })), { selector: "table", format: "dataTable" }],
};

const asText: HtmlToTextOptions = {
  ...base,
  selectors: [
    ...base.selectors!,
    ...["h1", "h2", "h3", "h4", "h5", "h6"].map((selector) => ({ selector, options: { uppercase: false } })),
    { selector: "a", options: { ignoreHref: true } },
    { selector: "img", format: "skip" },
    { selector: "ul", options: { itemPrefix: "- " } },
  ],
};

const around =
  (mark: string): FormatCallback =>
  (element, walk, builder) => {
    builder.addInline(mark, { noWordTransform: true });
    walk(element.children, builder);
    builder.addInline(mark, { noWordTransform: true });
  };

const formatters: Record<string, FormatCallback> = {
  strong: around("**"),
  emphasis: around("*"),
  code: around("`"),
  heading(element, walk, builder) {
    builder.openBlock({ leadingLineBreaks: 2 });
    builder.addInline(`${"#".repeat(Number(element.name.slice(1)))} `);
    walk(element.children, builder);
    builder.closeBlock({ trailingLineBreaks: 2 });
  },
  fence(element, walk, builder) {
    builder.openBlock({ leadingLineBreaks: 2, isPre: true });
    builder.addLiteral("```\n");
    // Inside of a fence nothing is marked up: its text only.
    walk(textOnly(element.children), builder);
    builder.addLiteral("\n```");
    builder.closeBlock({ trailingLineBreaks: 2 });
  },
  link(element, walk, builder) {
    const href = element.attribs?.href ?? "";
    if (!/^(https?:|mailto:|\/|\.|[\w-])/i.test(href) || /^(javascript|data|vbscript):/i.test(href)) return walk(element.children, builder);
    builder.addInline("[", { noWordTransform: true });
    walk(element.children, builder);
    builder.addInline(`](${href})`, { noWordTransform: true });
  },
  picture(element, _walk, builder) {
    const { alt, src } = element.attribs ?? {};
    if (alt && src && !src.startsWith("data:")) builder.addInline(`![${alt}](${src})`, { noWordTransform: true });
  },
};

const asMarkdown: HtmlToTextOptions = {
  ...base,
  formatters,
  selectors: [
    ...base.selectors!,
    ...["h1", "h2", "h3", "h4", "h5", "h6"].map((selector) => ({ selector, format: "heading" })),
    ...["strong", "b"].map((selector) => ({ selector, format: "strong" })),
    ...["em", "i"].map((selector) => ({ selector, format: "emphasis" })),
    { selector: "code", format: "code" },
    { selector: "pre", format: "fence" },
    { selector: "a", format: "link" },
    { selector: "img", format: "picture" },
    { selector: "ul", options: { itemPrefix: "- " } },
  ],
};

/** The readable content of a page. Never fails: what is not HTML comes out as its text. */
export function htmlToText(html: string, format: "text" | "markdown"): string {
  return convert(html, format === "markdown" ? asMarkdown : asText)
    .replace(/[ \t]+$/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

type Nodes = Parameters<FormatCallback>[0]["children"];

function textOnly(nodes: Nodes): Nodes {
  return nodes.flatMap((node) => (node.type === "text" ? [node] : textOnly(node.children ?? [])));
}
