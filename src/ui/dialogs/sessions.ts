import type { SearchHit, Session } from "../../protocol/index.ts";
import type { App } from "../app.ts";
import { LineInput } from "../editor/line-input.ts";
import { openAt } from "../flow/open-at.ts";
import { showSession } from "../flow/open-session.ts";
import { sessionsKeys } from "../keys/sessions.ts";
import { line, span } from "../layout/line.ts";
import { foundGroup, ListDialog, type ListItem } from "./list-dialog.ts";

const listed = 200;
/** Shorter words are in nearly every session. */
const searchCharsMin = 3;
const searchHitsMax = 30;

/** ctrl+s: the sessions of this directory, those that run first; found by title and by what was said; rename and delete in place. */
export function sessionsDialog(app: App): ListDialog {
  let sessions: Session[] | undefined;
  let renaming: { id: string; input: LineInput } | undefined;
  let deleting: { id: string; title: string } | undefined;
  let found: { query: string; hits: SearchHit[] } = { query: "", hits: [] };
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
  /** Each letter asks anew; of the answers the one to the newest question counts. */
  const search = (query: string): void => {
    found = { query, hits: [] };
    if (query.trim().length < searchCharsMin) return;
    app.host
      .request("session.search", { query, limit: searchHitsMax })
      .then(({ hits }) => {
        if (found.query !== query) return;
        found = { query, hits };
        app.host.invalidate();
      })
      .catch((error: unknown) => app.fail(error));
  };

  return new ListDialog({
    name: "sessions",
    title: () => "Sessions",
    placeholder: "type to find a title, or what was said",
    hint: () =>
      renaming
        ? "enter renames · esc"
        : deleting
          ? "y deletes · any other key does not"
          : "enter opens · ctrl+r rename · ctrl+x delete · esc",
    width: 84,
    items: () => {
      const all = sessions ?? [];
      const isBusy = ({ status }: Session): boolean => status !== "idle";
      const busy = all.filter(isBusy);
      const group = busy.length > 0;
      return [
        ...busy.map((session) => item(session, app, "Running")),
        ...all.filter((session) => !isBusy(session)).map((session) => item(session, app, group ? "Earlier" : undefined)),
      ];
    },
    found: () => {
      const one = new Map<string, ListItem>();
      for (const hit of found.hits) if (hit.workspace === app.host.workspace && !one.has(hit.session)) one.set(hit.session, hitItem(hit));
      return [...one.values()];
    },
    empty: (query) => (!sessions ? "Loading…" : query === "" ? "No session yet in this directory" : "No session with these words"),
    typed: search,
    theme: app.theme,
    keys: app.keys,
    close,
    choose: ({ id }) => {
      close();
      const hit = found.hits.find(({ session }) => session === id);
      if (hit) openAt(app, id, hit.message);
      else if (id !== app.session?.id) showSession(app, id);
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

function item(session: Session, app: App, group: string | undefined): ListItem {
  const status = session.status === "running" ? "running · " : session.status === "waiting" ? "asks · " : "";
  return {
    id: session.id,
    label: session.title || "Untitled",
    detail: session.hash.slice(0, 7),
    note: status + ago(app.host.now() - session.updatedAt),
    marked: session.id === app.session?.id,
    ...(group === undefined ? {} : { group }),
  };
}

const hitItem = ({ session, title, snippet }: SearchHit): ListItem => ({
  id: session,
  label: title || "Untitled",
  detail: snippet.text,
  group: foundGroup,
});

function ago(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min ago`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h ago` : `${Math.floor(minutes / 1_440)} days ago`;
}
