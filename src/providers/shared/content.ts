// What of a message's parts is sent, the same for every wire.
import type { CompletionRequest } from "../../contracts/wire-format.ts";
import type { FilePart, Message, Part } from "../../protocol/index.ts";

/** A picture in a data URL: "image/png" and its base64. */
export type Picture = { mime: string; data: string; url: string };

const dataUrl = /^data:(image\/[\w.+-]+);base64,/;

/** What a user said: all words as one text, and the pictures that the model can see. */
export function userContent(parts: readonly Part[], { provider, model }: CompletionRequest): { text: string; pictures: Picture[] } {
  const sees = provider.models.find((one) => one.model === model.model)?.supportsImages === true;
  const pictures: Picture[] = [];
  const words = parts.flatMap((part) => {
    if (part.kind === "text") return [part.text];
    if (part.kind !== "file") return [];
    const found = sees ? dataUrl.exec(part.text ?? "") : null;
    if (!found) return [file(part)];
    pictures.push({ mime: found[1]!, data: part.text!.slice(found[0].length), url: part.text! });
    return [];
  });
  return { text: words.filter((word) => word !== "").join("\n\n"), pictures };
}

/** Text files stand in the prompt; of others the model is told that they are there. */
function file({ path, mime, bytes, text }: FilePart): string {
  const name = path.replaceAll('"', "&quot;");
  if (mime === "inode/directory") return `<directory path="${name}">\n${text ?? ""}\n</directory>`;
  if (text === undefined || text.startsWith("data:")) {
    const why = mime.startsWith("image/")
      ? "left out: you cannot be shown pictures"
      : "content not shown: it is no text, or too long; tools can read it where it is";
    return `<file path="${name}" mime="${mime}" bytes="${bytes}">${why}</file>`;
  }
  return `<file path="${name}">\n${text}\n</file>`;
}

/** All texts of one kind, joined. */
export function texts(parts: readonly Part[], kind: "text" | "reasoning"): string {
  return parts.flatMap((part) => (part.kind === kind ? [part.text] : [])).join("");
}

/** Did the model that is asked say this? What is signed is accepted from no other. Unknown counts as yes. */
export function isOwn({ model }: Message, request: CompletionRequest): boolean {
  return model === undefined || (model.provider === request.provider.id && model.model === request.model.model);
}
