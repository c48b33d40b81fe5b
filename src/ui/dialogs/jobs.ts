import type { JobInfo } from "../../protocol/index.ts";
import type { App } from "../app.ts";
import { sizeWords } from "../views/sizes.ts";
import { JobOutputDialog } from "./job-output.ts";
import { ListDialog, type ListItem } from "./list-dialog.ts";

/** How often the list is read again while it is open. */
const refreshMs = 2_000;

/** Background jobs of the session: what runs, what ended and how; enter shows the output, ctrl+x ends one. */
export function jobsDialog(app: App): ListDialog {
  const session = app.session?.id;
  let jobs: JobInfo[] | undefined;
  const isOpen = (): boolean => app.dialogs.includes(dialog);
  const load = (): void => {
    app.host
      .request("job.list", session === undefined ? {} : { session })
      .then((result) => {
        jobs = result.jobs.reverse();
        app.host.invalidate();
        if (isOpen() && jobs.some(({ running }) => running)) app.timers.set("jobs", refreshMs, load);
      })
      .catch((error: unknown) => app.fail(error));
  };
  const dialog: ListDialog = new ListDialog({
    name: "jobs",
    title: () => "Background jobs",
    placeholder: "type to filter",
    hint: () => "enter shows the output · ctrl+x ends it · esc",
    items: () => (jobs ?? []).map((job) => item(job, app.host.now())),
    empty: () => (jobs ? "No background job in this session" : "Loading…"),
    theme: app.theme,
    keys: app.keys,
    close: () => {
      app.timers.clear("jobs");
      app.close("jobs");
    },
    choose: ({ id }) => app.open(new JobOutputDialog(app, id)),
    key: (stroke, _, chosen) => {
      if (stroke !== "ctrl+x") return false;
      if (chosen) app.host.request("job.kill", { job: chosen.id }).then(load, (error: unknown) => app.fail(error));
      return true;
    },
  });
  load();
  return dialog;
}

function item({ id, command, running, exitCode, startedAt, bytes }: JobInfo, now: number): ListItem {
  const how = running ? `running ${duration(now - startedAt)}` : exitCode === undefined ? "ended" : `exit ${exitCode}`;
  return { id, label: command.replace(/\s+/g, " "), detail: id, note: `${how} · ${sizeWords(bytes)}`, marked: running };
}

function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  return seconds < 60 ? `${seconds} s` : seconds < 3_600 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3_600)} h`;
}
