/** Forced for every child: nothing may wait for an editor or a pager that nobody sees. */
const forced: Readonly<Record<string, string>> = {
  CRUSH: "1",
  AGENT: "crush",
  AI_AGENT: "crush",
  TERM: "xterm-256color",
  EDITOR: "false",
  VISUAL: "false",
  GIT_EDITOR: "false",
  GIT_SEQUENCE_EDITOR: "false",
  JJ_EDITOR: "false",
  PAGER: "cat",
  GIT_PAGER: "cat",
  JJ_PAGER: "cat",
  GIT_TERMINAL_PROMPT: "0",
};

/** They make a shell run or define something before the command that was approved. */
const shellHooks = /^(BASH_ENV|ENV|PROMPT_COMMAND|SHELLOPTS|BASHOPTS|PS4|BASH_FUNC_.*|ZDOTDIR)$/;

/** Words that name a secret wherever they stand in a variable's name; TOKENIZERS_PARALLELISM is none. */
const secretWord = /(TOKENS?|SECRETS?|PASSWORDS?|PASSWD|PASSPHRASE|CREDENTIALS?|APIKEYS?|PRIVATEKEY|ACCESSKEY)(?![A-Z])/;
/** Whole words between underscores. `PWD` itself is a path, `MYSQL_PWD` is not. */
const secretSegment = /(^|_)(.*KEYS?|PASS|PAT|COOKIES?|SESSIONID|DSN)(_|$)|_(PWD|AUTH)$/;
/** Values that are secrets under any name: credentials inside an address, well-known key prefixes, JSON web tokens. */
const secretValue =
  /:\/\/[^/\s:@]*:[^/\s@]+@|^(sk-|ghp_|gho_|ghs_|github_pat_|glpat-|xox[abp]-|AKIA[0-9A-Z]{12}|AIza[0-9A-Za-z_-]{30}|eyJ[A-Za-z0-9_-]{10,}\.)/;

/** True for a variable that must not reach a child by itself. */
export function isSecret(name: string, value: string): boolean {
  const upper = name.toUpperCase();
  return secretWord.test(upper) || secretSegment.test(upper) || secretValue.test(value);
}

/**
 * Environment of a child: `base` without secrets and shell hooks, then the forced values, then `extra`, which somebody named
 * explicitly and which is therefore taken as it is.
 * @param keep  names that are let through although they look secret
 */
export function childEnvironment(
  base: Readonly<Record<string, string | undefined>>,
  options: { keep?: readonly string[]; extra?: Readonly<Record<string, string>> } = {},
): Record<string, string> {
  const keep = new Set(options.keep);
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(base)) {
    if (value === undefined || shellHooks.test(name) || name.startsWith("HERDR_")) continue;
    if (!keep.has(name) && isSecret(name, value)) continue;
    env[name] = value;
  }
  return Object.assign(env, forced, options.extra);
}
