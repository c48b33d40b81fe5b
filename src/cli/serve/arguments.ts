import { parseArgs } from "node:util";

export type ServeArguments = {
  dataDir: string;
  background: boolean;
  debug: boolean;
  /** Milliseconds after the last client and turn until it ends; 0 = never. */
  lingerMs: number;
  listen: { host: string; port: number } | undefined;
  tlsCert: string | undefined;
  tlsKey: string | undefined;
  insecureLan: boolean;
  origins: string[];
  hosts: string[];
};

/** The server's own command line, written by server-control.ts and commands/server.ts. @throws Error in words for a person */
export function serveArguments(argv: string[]): ServeArguments {
  const { values } = parseArgs({
    args: argv,
    strict: true,
    options: {
      "data-dir": { type: "string" },
      background: { type: "boolean", default: false },
      debug: { type: "boolean", default: false },
      linger: { type: "string" },
      "idle-exit": { type: "string" },
      listen: { type: "string" },
      "tls-cert": { type: "string" },
      "tls-key": { type: "string" },
      "insecure-lan": { type: "boolean", default: false },
      "allow-origin": { type: "string", multiple: true, default: [] },
      "allow-host": { type: "string", multiple: true, default: [] },
    },
  });
  if (!values["data-dir"]) throw new Error("--data-dir is missing");
  return {
    dataDir: values["data-dir"],
    background: values.background,
    debug: values.debug,
    lingerMs: values.linger ? Number(values.linger) : values["idle-exit"] ? Number(values["idle-exit"]) * 1000 : 0,
    listen: values.listen === undefined ? undefined : address(values.listen),
    tlsCert: values["tls-cert"],
    tlsKey: values["tls-key"],
    insecureLan: values["insecure-lan"],
    origins: values["allow-origin"],
    hosts: values["allow-host"],
  };
}

function address(given: string): { host: string; port: number } {
  const match = /^(?:\[(?<six>[0-9a-fA-F:]+)\]|(?<host>[^:]*)):(?<port>\d+)$/.exec(given) ?? /^(?<port>\d+)$/.exec(given);
  const port = Number(match?.groups?.port);
  if (!match || port > 65_535) throw new Error(`--listen takes HOST:PORT, e.g. 127.0.0.1:7070, not "${given}"`);
  return { host: match.groups?.six || match.groups?.host || "127.0.0.1", port };
}
