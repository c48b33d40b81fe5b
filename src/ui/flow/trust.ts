import type { App } from "../app.ts";
import { TrustDialog } from "../dialogs/trust.ts";
import { loadModels } from "./models.ts";
import { loadSettings } from "./settings.ts";

/** Asks about the project's own configuration, once for the same contents. */
export const offerTrust = (app: App): void => show(app, false);

/** The same by command: also what was asked about or said no to before. */
export const askTrust = (app: App): void => show(app, true);

function show(app: App, again: boolean): void {
  const { workspace } = app.host;
  app.host
    .request("trust.status", { workspace })
    .then(({ files }) => {
      if (app.closed) return;
      const waiting = files.filter(({ state }) => state !== "trusted" && (again || state !== "declined"));
      if (waiting.length === 0 && again)
        app.say(files.length > 0 ? "This project's configuration is trusted" : "This project sets nothing that needs trust");
      if (waiting.length === 0 || (!again && waiting.every(({ hash }) => app.trustAsked.has(hash)))) return;
      for (const { hash } of waiting) app.trustAsked.add(hash);
      app.open(new TrustDialog(app, waiting, (decision) => decide(app, decision, waiting)));
    })
    .catch((error: unknown) => app.fail(error));
}

function decide(app: App, decision: "grant" | "decline", files: readonly { file: string; hash: string }[]): void {
  const { workspace } = app.host;
  app.host
    .request(`trust.${decision}`, { workspace, files: files.map(({ file, hash }) => ({ file, hash })) })
    .then(() => {
      if (decision === "decline") return app.say("Not trusted; /trust asks again");
      app.say("Trusted as it is now: it counts from the next turn on");
      loadModels(app);
      loadSettings(app);
    })
    .catch((error: unknown) => app.fail(error));
}
