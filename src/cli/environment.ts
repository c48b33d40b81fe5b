/** The client's environment as the server gets it: for `$VAR` in the configuration and for the children of tools. */
export function clientEnv(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) env[name] = value;
  // Of our own launcher, and of no use to anybody else.
  delete env.CRUSH_NODE_COMPILE_CACHE;
  delete env.NODE_COMPILE_CACHE;
  delete env.CRUSH_START_LOG;
  delete env.CRUSH_TOKEN;
  return env;
}

/** Takes the launcher's variable out of the environment, so that no child compiles into our cache. */
export function forgetLauncher(): void {
  const before = process.env.CRUSH_NODE_COMPILE_CACHE;
  if (before === undefined) return;
  delete process.env.CRUSH_NODE_COMPILE_CACHE;
  if (before === "") delete process.env.NODE_COMPILE_CACHE;
  else process.env.NODE_COMPILE_CACHE = before;
}
