import type { App } from "../app.ts";
import { type EditName, edits } from "../editor/buffer.ts";
import { externalEditor, send } from "../flow/send.ts";
import { type EditorAction, editorKeys } from "../keys/editor.ts";
import { scrollBy } from "./chat.ts";
import { completionKey, updateCompletion } from "./completion.ts";

const special: { readonly [A in Exclude<EditorAction, EditName>]: (app: App) => void } = {
  send,
  steer: (app) => send(app, true),
  up: (app) => app.editor.vertical(-1),
  down: (app) => app.editor.vertical(1),
  externalEditor,
  pageUp: (app) => scrollBy(app, -Math.max(1, app.transcriptHeight - 2)),
  pageDown: (app) => scrollBy(app, Math.max(1, app.transcriptHeight - 2)),
  scrollEnd: (app) => app.transcript.toEnd(),
};

const isEdit = (action: EditorAction): action is EditName => Object.hasOwn(edits, action);

/** A key in the editor. False when it means nothing there. */
export function editorKey(app: App, stroke: string, text: string | undefined): boolean {
  if (app.completion && completionKey(app, stroke)) return true;
  const action = editorKeys(stroke, app.keys);
  if (action !== undefined) {
    if (isEdit(action)) app.editor.edit(action);
    else special[action](app);
  } else if (text !== undefined) {
    app.editor.type(text);
  } else return false;
  updateCompletion(app);
  return true;
}
