export { childEnvironment, isSecret } from "./environment.ts";
export { createJobs, type JobsOptions } from "./jobs.ts";
export { createSpawn, type SpawnOptions } from "./spawn.ts";
