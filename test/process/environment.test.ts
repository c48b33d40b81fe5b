import { expect, test } from "vitest";
import { childEnvironment, isSecret } from "../../src/process/index.ts";

test("names that look like secrets do not reach a child", () => {
  for (const name of [
    "OPENAI_API_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "GITHUB_TOKEN",
    "NPM_TOKENS",
    "DB_PASSWORD",
    "MYSQL_PWD",
    "PGPASSWORD",
    "GPG_PASSPHRASE",
    "GOOGLE_CREDENTIALS",
    "OPENAIKEY",
    "my_secret",
    "SESSION_COOKIE",
    "SENTRY_DSN",
    "GH_PAT",
    "NPM_CONFIG__AUTH",
  ])
    expect(isSecret(name, "v"), name).toBe(true);
});

test("ordinary names do", () => {
  for (const name of [
    "PATH",
    "HOME",
    "PWD",
    "OLDPWD",
    "SSH_AUTH_SOCK",
    "TOKENIZERS_PARALLELISM",
    "LANG",
    "KEYMAP",
    "XDG_SESSION_ID",
    "EDITOR",
    "NODE_PATH",
    "COMPASS",
    "AUTHOR",
    "MONKEYPATCH",
    "GIT_AUTHOR_NAME",
  ])
    expect(isSecret(name, "v"), name).toBe(false);
});

test("a value that is a secret goes under any name", () => {
  for (const value of ["postgres://user:pw@host/db", "sk-abcdef", "ghp_abc", "AKIAABCDEFGHIJKLMNOP", "https://:x@h"])
    expect(isSecret("THING", value), value).toBe(true);
  for (const value of ["http://localhost:8080/a@b", "host:80:70", "skip", "/a:/b:/c@d"])
    expect(isSecret("THING", value), value).toBe(false);
});

test("what is named explicitly passes: by keep, or with a value of its own", () => {
  const env = childEnvironment({ A_TOKEN: "1", B_TOKEN: "2", PATH: "/bin" }, { keep: ["A_TOKEN"], extra: { C_TOKEN: "3" } });
  expect(env).toMatchObject({ A_TOKEN: "1", C_TOKEN: "3", PATH: "/bin" });
  expect(env).not.toHaveProperty("B_TOKEN");
});

test("nothing that runs before the approved command is inherited, and nothing waits for an editor or pager", () => {
  const env = childEnvironment({
    BASH_ENV: "/x",
    ENV: "/x",
    "BASH_FUNC_ls%%": "() { rm -rf /; }",
    PAGER: "less",
    EDITOR: "vim",
    HERDR_X: "1",
  });
  expect(Object.keys(env).filter((name) => /^(BASH_|ENV$|HERDR)/.test(name))).toEqual([]);
  expect(env).toMatchObject({
    CRUSH: "1",
    AGENT: "crush",
    AI_AGENT: "crush",
    TERM: "xterm-256color",
    PAGER: "cat",
    GIT_PAGER: "cat",
    GIT_EDITOR: "false",
  });
});
