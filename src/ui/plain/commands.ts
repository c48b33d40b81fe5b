import type { ModelInfo, ProviderInfo } from "../../protocol/index.ts";
import { chooseModel, loadModels } from "../flow/models.ts";
import { showSession } from "../flow/open-session.ts";
import type { PlainApp } from "./app.ts";
import { type Ask, chosen } from "./asking.ts";

type Deps = { app: PlainApp; out: (line: string) => void; ask: (ask: Ask) => void };
type PlainCommand = { name: string; help: string; run: (deps: Deps) => void };

/** Sessions and models beyond this many are named on the command line. */
const listedMax = 40;

/** A menu as numbered lines; an empty line leaves it. */
function menu(name: string, title: string, lines: readonly string[], take: (index: number) => void): Ask {
  return {
    id: name,
    lines: [title, ...lines.map((line, i) => `${i + 1}. ${line}`), "Type a number; an empty line leaves."],
    prompt: "Number: ",
    menu: true,
    take: (line) => {
      if (line.trim() === "") return true;
      const number = chosen(line, lines.length);
      if (number !== undefined) take(number - 1);
      return number !== undefined;
    },
  };
}

const modelLine = ({ name, providerName, contextWindow, price }: ModelInfo): string =>
  [
    `${name}, ${providerName}`,
    ...(contextWindow > 0 ? [`${Math.round(contextWindow / 1_000)} thousand tokens`] : []),
    ...(price.input + price.output > 0 ? [`$${price.input} in, $${price.output} out a million`] : []),
  ].join(", ");

function models({ app, ask }: Deps): void {
  void loadModels(app).then(() => {
    const list = app.models.list.slice(0, listedMax);
    ask(
      menu("models", "Models:", list.map(modelLine), (index) => {
        const { provider, model, name } = list[index]!;
        chooseModel(app, { provider, model }, "large");
        app.say(`${name} answers from now on.`);
      }),
    );
  });
}

function sessions({ app, ask }: Deps): void {
  app.host
    .request("session.list", { workspace: app.host.workspace, limit: listedMax })
    .then(({ sessions: list }) => {
      if (list.length === 0) return app.say("No session yet in this directory.");
      const line = ({ title, hash, status }: (typeof list)[number]): string =>
        `${title || "Untitled"}, ${hash.slice(0, 7)}${status === "running" ? ", running" : status === "waiting" ? ", asks" : ""}`;
      ask(menu("sessions", "Sessions, newest first:", list.map(line), (index) => showSession(app, list[index]!.id)));
    })
    .catch((error: unknown) => app.fail(error));
}

function connect({ app, ask }: Deps): void {
  app.host
    .request("provider.list", { workspace: app.host.workspace })
    .then(({ providers }) => {
      const line = ({ name, ready }: ProviderInfo): string => (ready ? `${name}, connected` : name);
      ask(
        menu("providers", "Providers:", providers.map(line), (index) => {
          const provider = providers[index]!;
          if (provider.needsKey) ask(keyOf(app, provider));
          else tryKey(app, provider, undefined);
        }),
      );
    })
    .catch((error: unknown) => app.fail(error));
}

const keyOf = (app: PlainApp, provider: ProviderInfo): Ask => ({
  id: "key",
  lines: [`Paste the key of ${provider.name} and press enter; it is not shown. An empty line leaves.`],
  prompt: "Key: ",
  menu: true,
  secret: true,
  take: (key) => {
    if (key.trim() !== "") tryKey(app, provider, key.trim());
    return true;
  },
});

function tryKey(app: PlainApp, provider: ProviderInfo, apiKey: string | undefined): void {
  const { workspace } = app.host;
  app.host
    .request("provider.connect", {
      workspace,
      provider: provider.id,
      ...(apiKey === undefined ? { baseUrl: provider.baseUrl } : { apiKey }),
    })
    .then(({ saved, name, problem, model }) => {
      if (!saved) return app.say(problem ?? "It was not accepted", "error");
      if (model) chooseModel(app, model, "large");
      app.say(`${name} is connected${model ? ` and ${model.model} answers; /models chooses another one` : ""}.`);
    })
    .catch((error: unknown) => app.fail(error));
}

const changeWords = { put: "Changes", create: "Brings back", remove: "Removes", none: "Leaves" } as const;

/** Tells what it would do to files, then asks. A file that was changed since is left alone. */
function takeBack({ app, ask }: Deps, method: "session.undo" | "session.redo"): void {
  const session = app.session?.id;
  if (session === undefined) {
    app.say("There is no session yet.");
    return;
  }
  const [name, done] = method === "session.undo" ? ["Undo the last turn", "Undone."] : ["Redo what was undone", "Redone."];
  const go = (): void => {
    app.host
      .request(method, { session })
      .then(({ notes }) => app.say([done, ...notes].join(" ")))
      .catch((error: unknown) => app.fail(error));
  };
  app.host
    .request(method, { session, preview: true })
    .then(({ files, notes }) => {
      const lines = files
        .filter(({ change }) => change !== "none")
        .map(({ path, change, state, why }) => `${state === "ready" ? changeWords[change] : "Leaves"} ${path}${why ? `: ${why}` : ""}`);
      ask({
        ...menu(method, `${name}?`, ["Yes", "No"], (index) => (index === 0 ? go() : app.say("Nothing was changed."))),
        lines: [`${name}: ${lines.length === 0 ? "no file is touched" : ""}`, ...lines, ...notes, "1. Yes", "2. No"],
      });
    })
    .catch((error: unknown) => app.fail(error));
}

export const plainCommands: readonly PlainCommand[] = [
  { name: "help", help: "this list", run: help },
  { name: "models", help: "choose the model", run: models },
  { name: "sessions", help: "go on with another session", run: sessions },
  { name: "undo", help: "take back the last turn and what it did to files", run: (deps) => takeBack(deps, "session.undo") },
  { name: "redo", help: "redo what was undone", run: (deps) => takeBack(deps, "session.redo") },
  { name: "connect", help: "connect a provider: enter its key", run: connect },
];

/** Commands of the other modes that need no dialog. */
const shared: readonly string[] = ["new", "resume", "cancel", "compact", "fork", "plan", "yolo", "quit"];

function help({ app, out }: Deps): void {
  out("A line that ends in a backslash goes on in the next. Control C stops what runs, or leaves. Commands:");
  for (const { name, help: text } of plainCommands) out(`/${name}: ${text}`);
  for (const { name, title } of app.commands) if (shared.includes(name)) out(`/${name}: ${title}`);
}
