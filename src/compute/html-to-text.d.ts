// The part of html-to-text 10 that is used here; the package has no types of its own.
declare module "html-to-text" {
  export type DomNode = { type: string; name: string; data?: string; attribs?: Record<string, string>; children: DomNode[] };
  export interface BlockTextBuilder {
    addInline(text: string, options?: { noWordTransform?: boolean }): void;
    addLiteral(text: string): void;
    openBlock(options?: { leadingLineBreaks?: number; isPre?: boolean }): void;
    closeBlock(options?: { trailingLineBreaks?: number }): void;
  }
  export type FormatCallback = (
    element: DomNode,
    walk: (nodes: DomNode[], builder: BlockTextBuilder) => void,
    builder: BlockTextBuilder,
    options: Record<string, unknown>,
  ) => void;
  export type HtmlToTextOptions = {
    wordwrap?: number | false;
    limits?: { maxDepth?: number; maxChildNodes?: number; maxInputLength?: number };
    formatters?: Record<string, FormatCallback>;
    selectors?: { selector: string; format?: string; options?: Record<string, unknown> }[];
  };
  export function convert(html: string, options?: HtmlToTextOptions): string;
}
