import type { ModelRef, ProviderInfo } from "../../protocol/index.ts";
import type { App } from "../app.ts";
import { ConnectDialog } from "./connect.ts";
import { ListDialog } from "./list-dialog.ts";

const otherId = "another server";

/** How keys of some providers begin: who pastes one here need not look for its provider. */
const keyBegins: readonly [start: RegExp, provider: string][] = [
  [/^sk-ant-/, "anthropic"],
  [/^sk-or-/, "openrouter"],
  [/^sk-(?:proj|svcacct|admin)-/, "openai"],
  [/^gsk_/, "groq"],
  [/^xai-/, "xai"],
  [/^AIza/, "gemini"],
  [/^csk-/, "cerebras"],
];

const groups: readonly string[] = ["Connected", "By key", "Without a key"];
const groupOf = ({ ready, needsKey }: ProviderInfo): string => groups[ready ? 0 : needsKey ? 1 : 2]!;

/** Which provider answers: one is chosen, then its key is asked for. */
export function providersDialog(app: App, choose: (preselect: ModelRef | undefined) => void): ListDialog {
  let providers: ProviderInfo[] | undefined;
  let file = "";
  app.host
    .request("provider.list", { workspace: app.host.workspace })
    .then((known) => {
      providers = known.providers;
      file = known.file;
      app.host.invalidate();
    })
    .catch((error: unknown) => app.fail(error));
  const close = (): void => app.close("providers");
  const connect = (provider: ProviderInfo | undefined, key = ""): void => {
    close();
    app.open(new ConnectDialog(app, provider, file, choose, key));
  };
  return new ListDialog({
    name: "providers",
    title: () => "Connect a provider",
    placeholder: "type to filter, or paste a key",
    hint: () => "enter chooses · esc",
    items: () => [
      ...[...(providers ?? [])]
        .sort((a, b) => groups.indexOf(groupOf(a)) - groups.indexOf(groupOf(b)))
        .map((provider) => ({
          id: provider.id,
          group: groupOf(provider),
          label: provider.name,
          note: provider.ready
            ? `connected, ${provider.models === 1 ? "1 model" : `${provider.models} models`}`
            : (provider.keyVariable ?? provider.baseUrl),
          marked: provider.ready,
        })),
      ...(providers
        ? [{ id: otherId, group: groups[2]!, label: "Another server…", detail: "anything that speaks OpenAI's Chat Completions" }]
        : []),
    ],
    empty: () => (providers ? "No such provider: choose Another server…" : "Loading…"),
    theme: app.theme,
    keys: app.keys,
    close,
    paste: (text) => {
      const key = text.trim();
      const id = keyBegins.find(([start]) => start.test(key))?.[1];
      const provider = providers?.find((each) => each.id === id);
      if (provider) connect(provider, key);
      return provider !== undefined;
    },
    choose: ({ id }) => connect(id === otherId ? undefined : providers?.find((provider) => provider.id === id)),
  });
}
