import { type ProviderConfig, unknownModel } from "../../contracts/config.ts";

export const demoProviderId = "demo";
export const demoModel = "demo";

/** The running demo as a provider like any other. @param place  what its worker answered to `start` */
export function demoProvider({ port, token }: { port: number; token: string }): ProviderConfig {
  const model = { provider: demoProviderId, model: demoModel, name: "Demo (no model)", providerName: "Built-in demo" };
  return {
    id: demoProviderId,
    name: model.providerName,
    type: "openai-compat",
    baseUrl: `http://127.0.0.1:${port}/v1`,
    apiKey: token,
    extraHeaders: {},
    extraBody: {},
    providerOptions: {},
    flatRate: true,
    models: [
      {
        ...model,
        ...unknownModel,
      },
    ],
  };
}
