export { type LoadRequest, loadConfig } from "./load.ts";
export { ConfigError } from "./read.ts";
export { savedRules, saveRule } from "./rules.ts";
export { configStamp } from "./stamp.ts";
