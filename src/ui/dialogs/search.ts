import type { SearchHit } from "../../protocol/index.ts";
import type { App } from "../app.ts";
import { openAt } from "../flow/open-at.ts";
import { ListDialog, type ListItem } from "./list-dialog.ts";

/** Letters before it is searched: with fewer nearly all would be found. */
const queryCharsMin = 2;
/** More than anybody looks through; the next word narrows it. */
const hitsShown = 50;

/** What was said in any session: enter opens the session at the message. */
export function searchDialog(app: App): ListDialog {
  let hits: SearchHit[] = [];
  let asked = "";
  let complete = true;
  const search = (query: string): void => {
    asked = query;
    if (query.trim().length < queryCharsMin) {
      hits = [];
      return;
    }
    app.host
      .request("session.search", { query, limit: hitsShown })
      .then((answer) => {
        // An answer to what is no longer asked.
        if (asked !== query) return;
        ({ hits, complete } = answer);
        app.host.invalidate();
      })
      .catch((error: unknown) => app.fail(error));
  };
  return new ListDialog({
    name: "search",
    title: () => "Search all sessions",
    placeholder: 'words, or "words side by side"',
    hint: () => `enter opens the session there${complete ? "" : " · the newest messages are not in the index yet"} · esc`,
    items: () => [],
    found: () => hits.map(item),
    empty: (query) => (query.trim().length < queryCharsMin ? "Type what was said" : "Nothing was found"),
    theme: app.theme,
    keys: app.keys,
    width: 100,
    close: () => app.close("search"),
    typed: search,
    choose: ({ id }) => {
      const hit = hits.find(({ message }) => message === id);
      app.close("search");
      if (hit) openAt(app, hit.session, hit.message);
    },
  });
}

const item = ({ message, title, role, createdAt, snippet }: SearchHit): ListItem => ({
  id: message,
  label: snippet.text,
  detail: `${title || "Untitled"} · ${role}`,
  note: new Date(createdAt).toISOString().slice(0, 10),
});
