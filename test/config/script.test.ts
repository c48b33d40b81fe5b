import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ConfigError } from "../../src/config/index.ts";
import { runScript } from "../../src/config/script/run.ts";
import { openPlaces, type Places } from "./support/places.ts";

let places: Places;
beforeEach(() => {
  places = openPlaces();
});
afterEach(() => places.dispose());

const run = (text: string, env: Record<string, string> = {}) =>
  runScript({
    file: path.join(places.configDir, "crushrc"),
    text,
    workspace: places.workspace,
    env: { ...places.env, ...env },
  });
const fails = (text: string, env: Record<string, string> = {}): Promise<ConfigError> =>
  run(text, env).then(
    () => expect.fail("it did not fail"),
    (error) => {
      expect(error).toBeInstanceOf(ConfigError);
      return error as ConfigError;
    },
  );

test("every command and flag of a crushrc sets its key", async () => {
  const config = await run(
    `
provider add one --name One --type openai-compat --api-key "k $USERNAME" --base-url http://x --disable no --flat-rate yes \\
  --discover-models 0 --system-prompt-prefix P --extra-header A "b c" --extra-header D e --extra-body '{"x":1}' --provider-options '{"y":2}'
model add one/org/m --name M --context-window 1000 --default-max-tokens 100 --can-reason true --supports-images TRUE --price-input 1.5 \\
  --price-output 2 --price-cache-create 3 --price-cache-hit 0.1 --reasoning-effort low
model large one/org/m --think --reasoning-effort high --max-tokens 5 --temperature 0.1 --top-p 0.2 --top-k 3 \\
  --frequency-penalty 0.4 --presence-penalty 0.5 --provider-options '{"z":3}'
model small one/s
mcp add srv --command npx --args -y --args pkg --env A b --timeout 5 --disabled false --disabled-tools a --enabled-tools b
mcp add web --type http --url http://y --header K v --oauth true --oauth-client-id i --oauth-client-secret s --oauth-callback-port 40704
lsp add go --command gopls --args -x --env A b --filetypes go --root-markers go.mod --timeout 3 --disabled no --init-options '{"a":1}' --options '{"b":2}'
hook add PreToolUse --command ./h.sh --name h --matcher '^bash$' --timeout 9
permissions allow view edit
permissions allow view
permissions deny bash
option debug
option debug-lsp true
option auto-lsp false
option progress 0
option metrics false
option auto-summarize no
option provider-auto-update false
option default-providers true
option attribution-generated-with false
option data-directory .d
option initialize-as X.md
option notifications bell
option attribution-trailer-style none
option context-path a.md
option context-path b.md
option global-context-path g.md
option skill-path ./s
option disable-skill jq
option ui compact true
option ui diff split
option ui transparent yes
option ui scrollbar never
option ui completions-max-depth 4
option ui completions-max-items 200
`,
    { USERNAME: "me" },
  );
  expect(config).toEqual({
    providers: {
      one: {
        name: "One",
        type: "openai-compat",
        api_key: "k me",
        base_url: "http://x",
        disable: false,
        flat_rate: true,
        discover_models: false,
        system_prompt_prefix: "P",
        extra_headers: { A: "b c", D: "e" },
        extra_body: { x: 1 },
        provider_options: { y: 2 },
        models: [
          {
            id: "org/m",
            name: "M",
            context_window: 1000,
            default_max_tokens: 100,
            can_reason: true,
            supports_attachments: true,
            cost_per_1m_in: 1.5,
            cost_per_1m_out: 2,
            cost_per_1m_in_cached: 3,
            cost_per_1m_out_cached: 0.1,
            default_reasoning_effort: "low",
            reasoning_levels: ["low"],
          },
        ],
      },
    },
    models: {
      large: {
        provider: "one",
        model: "org/m",
        think: true,
        reasoning_effort: "high",
        max_tokens: 5,
        temperature: 0.1,
        top_p: 0.2,
        top_k: 3,
        frequency_penalty: 0.4,
        presence_penalty: 0.5,
        provider_options: { z: 3 },
      },
      small: { provider: "one", model: "s" },
    },
    mcp: {
      srv: {
        type: "stdio",
        command: "npx",
        args: ["-y", "pkg"],
        env: { A: "b" },
        timeout: 5,
        disabled: false,
        disabled_tools: ["a"],
        enabled_tools: ["b"],
      },
      web: {
        type: "http",
        url: "http://y",
        headers: { K: "v" },
        oauth: true,
        oauth_client_id: "i",
        oauth_client_secret: "s",
        oauth_callback_port: 40704,
      },
    },
    lsp: {
      go: {
        command: "gopls",
        args: ["-x"],
        env: { A: "b" },
        filetypes: ["go"],
        root_markers: ["go.mod"],
        timeout: 3,
        disabled: false,
        init_options: { a: 1 },
        options: { b: 2 },
      },
    },
    hooks: { PreToolUse: [{ command: "./h.sh", name: "h", matcher: "^bash$", timeout: 9 }] },
    permissions: { allowed_tools: ["view", "edit"] },
    options: {
      disabled_tools: ["bash"],
      debug: true,
      debug_lsp: true,
      auto_lsp: false,
      progress: false,
      disable_metrics: true,
      disable_auto_summarize: true,
      disable_provider_auto_update: true,
      disable_default_providers: false,
      attribution: { generated_with: false, trailer_style: "none" },
      data_directory: ".d",
      initialize_as: "X.md",
      notifications: "bell",
      context_paths: ["a.md", "b.md"],
      global_context_paths: ["g.md"],
      skills_paths: ["./s"],
      disabled_skills: ["jq"],
      tui: {
        compact_mode: true,
        diff_mode: "split",
        transparent: true,
        scrollbar: "never",
        completions: { max_depth: 4, max_items: 200 },
      },
    },
  });
});

test("it is Bash: conditions, source, command substitution, and what was chosen can be asked for", async () => {
  places.write(path.join(places.configDir, "base.sh"), "provider add base --base-url http://b\noption skill-path ./base\n");
  const config = await run(`
source ./base.sh
option reset skill-path
option skill-path ./mine
model large base/m
if [[ $(model large) == base/m && -n $CRUSH_VERSION && $PWD == */crush ]]; then option debug; fi
hook add PreToolUse --command a --name x
hook add PreToolUse --command b
hook rm PreToolUse --name x
provider add gone; provider remove gone
`);
  expect(config).toMatchObject({
    providers: { base: { base_url: "http://b" } },
    options: { skills_paths: ["./mine"], debug: true },
    hooks: { PreToolUse: [{ command: "b" }] },
  });
  expect(config.providers).not.toHaveProperty("gone");
});

test.each([
  ["\nprovider add x --basurl y", 2, "provider add: there is no flag --basurl; did you mean base-url?"],
  ["model add nobody/m", 1, 'model add: there is no provider "nobody" yet; say provider add nobody before'],
  ["option dbug", 1, "option: there is no dbug; did you mean debug?"],
  ["option debug maybe", 1, "option debug takes true or false"],
  ["mcp add a --timeout soon", 1, "mcp add --timeout takes a whole number"],
  ["provider add a --extra-body '[1]'", 1, "provider add --extra-body takes a JSON object"],
  ["permissions alow x", 1, "permissions: there is no alow; did you mean allow?"],
])("words that a command does not understand are named with their line: %s", async (text, line, message) => {
  const error = await fails(text);
  expect(error.line).toBe(line);
  expect(error.message).toBe(`${path.join(places.configDir, "crushrc")}:${line}: ${message}`);
});

test("a key that lost its flag is not repeated in the message", async () => {
  expect((await fails("provider add x sk-secret")).message).not.toContain("sk-secret");
});

test("a script that fails says with what and on which line", async () => {
  expect((await fails("option debug\nset -u\necho $NOT_THERE")).message).toMatch(/crushrc:3: ended with exit code \d+: .*NOT_THERE/);
  expect((await fails("exit 4")).message).toContain("ended with exit code 4");
});

test("no profile, BASH_ENV or exported function runs, and standard input is empty", async () => {
  const evil = places.write(path.join(places.root, "evil.sh"), "option debug\n");
  places.write(path.join(places.root, ".bashrc"), "option debug\n");
  places.write(path.join(places.root, ".bash_profile"), "option debug\n");
  const config = await run('read -r line; option initialize-as "x$line"', {
    BASH_ENV: evil,
    ENV: evil,
    "BASH_FUNC_option%%": "() { echo evil; }",
  });
  expect(config).toEqual({ options: { initialize_as: "x" } });
});

test("without bash that is no part of the project, a message says what to do", async () => {
  const fake = path.join(places.workspace, "bin", "bash");
  places.write(fake, "#!/bin/sh\ntouch ran\n");
  fs.chmodSync(fake, 0o755);
  for (const PATH of [path.dirname(fake), "bin", ".", ""]) await expect(run("option debug", { PATH })).rejects.toThrow(/needs bash/);
  places.rc("option debug");
  const config = await places.load({ PATH: "" });
  expect(config.notices).toEqual([{ file: path.join(places.configDir, "crushrc"), message: expect.stringContaining("needs bash") }]);
});

test("what a script left running ends with it", async () => {
  const file = path.join(places.root, "late");
  await run(`(sleep 0.3; touch ${file}) & option debug`);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(fs.existsSync(file)).toBe(false);
});

test("crushrc stands over the crush.json beside it and under the project's files", async () => {
  places.user({ options: { initialize_as: "json.md", debug: true, skills_paths: ["a"] } });
  places.rc("option initialize-as rc.md; option skill-path b; option ui diff split");
  places.project({ options: { tui: { diff_mode: "unified" } } });
  const { options } = await places.load();
  expect(options).toMatchObject({ initializeAs: "rc.md", debug: true, skillsPaths: ["a", "b"], tui: { diffMode: "unified" } });
});

test("a file that a crushrc sources counts among those that the configuration was read from", async () => {
  const base = places.write(path.join(places.configDir, "base.sh"), "option debug\n");
  places.rc("source ./base.sh\nsource ./base.sh\n");
  const config = await places.load();
  expect(config.options.debug).toBe(true);
  expect(config.files).toEqual([path.join(places.configDir, "crushrc"), base]);
});
