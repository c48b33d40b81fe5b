#!/usr/bin/env node
// For systems without a shell (Windows): the same as src/cli/bin/crush. The client runs on Node 20; the server picks its own Node.
import module from "node:module";

module.enableCompileCache?.();
await import("../../../dist/cli.cjs");
