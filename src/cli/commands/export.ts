import type { Message, Session } from "../../protocol/index.ts";
import { flag, type Parsed, text, UsageError } from "../args.ts";
import type { Place } from "../connection.ts";
import { plain, plainJson } from "../plain.ts";
import { messagesToMarkdown } from "../transcript.ts";
import { messagesToHtml } from "./export-html.ts";
import { openRedaction } from "./export-secrets.ts";

const formats = ["md", "html", "json"] as const;
type Format = (typeof formats)[number];

/** A session in the format that was asked for, without secrets unless they were asked for. */
export async function exported(session: Session, messages: Message[], parsed: Parsed, at: Place): Promise<string> {
  const format = formatOf(parsed);
  const clean = flag(parsed.values, "with-secrets") ? <T>(value: T): T => value : await openRedaction(session.workspace, at.dataDir);
  const [header, list] = clean([session, messages] as [Session, Message[]]);
  switch (format) {
    case "json":
      return `${plainJson({ version: 1, session: header, messages: list }, 2)}\n`;
    case "html":
      return messagesToHtml(header, list);
    case "md":
      return plain(messagesToMarkdown(header, list));
  }
}

function formatOf(parsed: Parsed): Format {
  const given = text(parsed.values, "format") ?? (flag(parsed.values, "json") ? "json" : "md");
  const format = formats.find((one) => one === given || (one === "md" && given === "markdown"));
  if (format === undefined) throw new UsageError(`--format takes ${formats.join(", ")}, not "${given}"`);
  return format;
}
