export { configSources, gitRoot } from "./files.ts";
export { type LoadRequest, loadConfig } from "./load.ts";
export { discoveredModel } from "./providers.ts";
export { ConfigError } from "./read.ts";
export { savedRules, saveRule } from "./rules.ts";
