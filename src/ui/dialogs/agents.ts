import type { Session } from "../../protocol/index.ts";
import type { App } from "../app.ts";
import { showSession } from "../flow/open-session.ts";
import { ListDialog } from "./list-dialog.ts";

/** Agents that work or worked for the session: enter looks at what one said and did. */
export function agentsDialog(app: App): ListDialog {
  const parent = app.session?.session?.agent === undefined ? app.session?.id : app.session.session.parent;
  let sessions: Session[] | undefined;
  const close = (): void => app.close("agents");
  if (parent !== undefined)
    app.host
      .request("session.list", { parent })
      .then((result) => {
        sessions = result.sessions.reverse();
        app.host.invalidate();
      })
      .catch((error: unknown) => app.fail(error));
  return new ListDialog({
    name: "agents",
    title: () => "Agents of this session",
    placeholder: "type to filter",
    hint: () => "enter looks at its work · /back returns · esc",
    items: () =>
      (sessions ?? []).map(({ id, title, agent, status, usage }) => ({
        id,
        label: title,
        detail: agent ?? "",
        note: `${status === "idle" ? "" : "at work · "}$${usage.cost.toFixed(3)}`,
        marked: id === app.session?.id,
      })),
    empty: () => (sessions || parent === undefined ? "No agent has worked for this session" : "Loading…"),
    theme: app.theme,
    keys: app.keys,
    close,
    choose: ({ id }) => {
      close();
      if (id !== app.session?.id) showSession(app, id);
    },
  });
}
