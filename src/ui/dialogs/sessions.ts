import type { Session } from "../../protocol/index.ts";
import type { App } from "../app.ts";
import { LineInput } from "../editor/line-input.ts";
import { showSession } from "../flow/open-session.ts";
import { sessionsKeys } from "../keys/sessions.ts";
import { line, span } from "../layout/line.ts";
import { ListDialog, type ListItem } from "./list-dialog.ts";

const listed = 200;

/** ctrl+s: the sessions of this directory, newest first; rename and delete in place. */
export function sessionsDialog(app: App): ListDialog {
  let sessions: Session[] | undefined;
  let renaming: { id: string; input: LineInput } | undefined;
  let deleting: { id: string; title: string } | undefined;
  const close = (): void => app.close("sessions");
  const load = (): void => {
    app.host
      .request("session.list", { workspace: app.host.workspace, limit: listed })
      .then((result) => {
        sessions = result.sessions;
        app.host.invalidate();
      })
      .catch((error: unknown) => app.fail(error));
  };
  load();

  const rename = (): void => {
    if (!renaming) return;
    const { id, input } = renaming;
    renaming = undefined;
    const title = input.text.trim();
    if (title === "") return;
    app.host.request("session.rename", { session: id, title }).then(load, (error: unknown) => app.fail(error));
  };
  const remove = (id: string): void => {
    app.host
      .request("session.delete", { session: id })
      .then(() => {
        if (app.session?.id === id) showSession(app, undefined);
        load();
      })
      .catch((error: unknown) => app.fail(error));
  };

  return new ListDialog({
    name: "sessions",
    title: () => "Sessions",
    placeholder: "type to filter",
    hint: () => "enter opens · ctrl+r rename · ctrl+x delete · esc",
    items: () => (sessions ?? []).map((session) => item(session, app)),
    empty: () => (sessions ? "No session yet in this directory" : "Loading…"),
    theme: app.theme,
    keys: app.keys,
    close,
    choose: ({ id }) => {
      close();
      if (id !== app.session?.id) showSession(app, id);
    },
    question: () => {
      if (renaming) {
        const view = renaming.input.view(50, app.theme, "title");
        return { line: line(span("Title: ", app.theme.primary), ...view.line.spans), cursor: view.col + 7 };
      }
      if (deleting) return { line: line(span(`Delete "${deleting.title}"? `, app.theme.warning), span("y/n", app.theme.strong)) };
      return undefined;
    },
    paste: (text) => {
      renaming?.input.paste(text);
      return renaming !== undefined || deleting !== undefined;
    },
    key: (stroke, event, chosen) => {
      if (renaming) {
        if (stroke === "enter") rename();
        else if (stroke === "escape") renaming = undefined;
        else renaming.input.key(stroke, event);
        return true;
      }
      if (deleting) {
        if (stroke === "y") remove(deleting.id);
        // Anything but a clear yes is a no.
        deleting = undefined;
        return true;
      }
      const action = sessionsKeys(stroke, app.keys);
      if (!action || !chosen) return action !== undefined;
      if (action === "rename") renaming = { id: chosen.id, input: new LineInput(chosen.label) };
      else deleting = { id: chosen.id, title: chosen.label };
      return true;
    },
  });
}

function item(session: Session, app: App): ListItem {
  const status = session.status === "running" ? "running · " : session.status === "waiting" ? "asks · " : "";
  return {
    id: session.id,
    label: session.title || "Untitled",
    detail: session.hash.slice(0, 7),
    note: status + ago(app.host.now() - session.updatedAt),
    marked: session.id === app.session?.id,
  };
}

function ago(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min ago`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h ago` : `${Math.floor(minutes / 1_440)} days ago`;
}
