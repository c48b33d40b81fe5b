import type { Message, Part, Session } from "../../protocol/index.ts";
import { plain } from "../plain.ts";

const style = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:.3rem 0}pre.code,details{font:13px/1.45 ui-monospace,monospace}
section{border-left:3px solid #8888;padding:0 0 0 1rem;margin:1.2rem 0}section.user{border-color:#36c}section.undone{opacity:.55}
h2{font-size:.85rem;margin:0;color:#888;font-weight:600}details{margin:.4rem 0}summary{cursor:pointer}.failed{color:#c33}.thought{color:#888}`;

/** One file that needs nothing else: no script, nothing that is loaded, and every text of the session escaped. */
export function messagesToHtml(session: Session, messages: readonly Message[]): string {
  const body = messages.map(section).join("\n");
  const facts = `${session.hash.slice(0, 7)} · ${new Date(session.createdAt).toISOString()} · ${session.workspace}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>${escaped(session.title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escaped(session.title)}</h1>
<p>${escaped(facts)}</p>
${body}
</body>
</html>
`;
}

const escaped = (text: string): string => plain(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

function section(message: Message): string {
  const classes = `${message.role}${message.undone ? " undone" : ""}`;
  const model = message.model === undefined ? "" : ` (${message.model.provider}/${message.model.model})`;
  const marks = `${message.abandoned ? " · broken off" : ""}${message.undone ? " · undone" : ""}`;
  const error = message.error === undefined ? "" : `<p class="failed">${escaped(message.error)}</p>`;
  return `<section class="${classes}" id="${escaped(message.id)}">
<h2>${escaped(`${message.role}${model}${marks}`)}</h2>
${message.parts.map(partHtml).join("\n")}${error}
</section>`;
}

const folded = (title: string, text: string, classes = ""): string =>
  `<details><summary${classes}>${escaped(title)}</summary><pre class="code">${escaped(text)}</pre></details>`;

function partHtml(part: Part): string {
  switch (part.kind) {
    case "text":
      return `<pre class="said">${escaped(part.text.trim())}</pre>`;
    case "reasoning":
      return part.text.trim() === ""
        ? ""
        : `<details class="thought"><summary>thought</summary><pre>${escaped(part.text.trim())}</pre></details>`;
    case "tool_call":
      return folded(part.name, part.input);
    case "tool_result":
      return folded(part.isError ? `${part.name}: failed` : `${part.name}: result`, part.text, part.isError ? ' class="failed"' : "");
    case "file":
      return `<p>Attached: ${escaped(part.path)} (${part.bytes} bytes)</p>`;
  }
}
