import type { ModelRef } from "../../protocol/index.ts";
import type { SelectedModel } from "../../contracts/config.ts";
import type { Command } from "./command.ts";
import { noticeTexts } from "./notices.ts";

const ref = ({ provider, model }: SelectedModel): ModelRef => ({ provider, model });

export const modelList: Command<"model.list"> = async (core, { workspace, env }) => {
  core.workspaces.setEnv(workspace, env);
  const config = await core.workspaces.config(workspace);
  const notices = noticeTexts(config);
  const waiting = config.untrusted.filter(({ declined }) => !declined).length;
  const untrusted = waiting > 0 ? { untrusted: waiting } : {};
  if (config.demo) {
    const { models } = await core.options.demo();
    const [first] = models;
    return {
      models,
      notices,
      ...untrusted,
      demo: true,
      ...(first !== undefined && { large: { provider: first.provider, model: first.model } }),
    };
  }
  return {
    models: config.providers.filter((provider) => core.options.wire(provider)).flatMap(({ models }) => models),
    ...(config.large !== undefined && { large: ref(config.large) }),
    ...(config.small !== undefined && { small: ref(config.small) }),
    notices,
    ...untrusted,
    demo: false,
  };
};
