import { type KeyEvent, strokeName } from "../../terminal/input/index.ts";
import type { App } from "../app.ts";
import { alwaysKeys } from "../keys/always.ts";
import { globalKeys } from "../keys/global.ts";
import { alwaysActions } from "./always.ts";
import { chatKey } from "./chat.ts";
import { editorKey } from "./editor.ts";
import { globalActions } from "./global.ts";

/** Where a key goes: what works always, the open dialog, what is offered in the editor, what works globally, the focus. */
export function handleKey(app: App, event: KeyEvent): void {
  const stroke = strokeName(event);
  app.editorAway = false;
  const always = alwaysKeys(stroke, app.keys);
  if (always) {
    alwaysActions[always](app);
    return;
  }
  if (app.dialog) {
    app.dialog.key(stroke, event);
    return;
  }
  if (event.text !== undefined) app.lastTyped = app.host.now();
  const editing = app.focus === "editor";
  if (editing && app.completion && editorKey(app, stroke, event.text)) return;
  const action = globalKeys(stroke, app.keys);
  if (action) {
    if (action !== "cancel") app.cancelArmed = false;
    globalActions[action](app);
    return;
  }
  app.cancelArmed = false;
  if (editing) editorKey(app, stroke, event.text);
  else chatKey(app, stroke);
}
