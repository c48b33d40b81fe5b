// A server of the product with the probe in it, and how it is asked.
import fs from "node:fs";
import path from "node:path";
import { type Product, sleep } from "../../test/support/product.ts";
import type { Probe } from "./main-probe.ts";

/** @returns the server's pid, and what asks the probe; its first answer only starts the measurement */
export async function serveProbed(product: Product, env: Record<string, string> = {}): Promise<{ pid: number; probe(): Promise<Probe> }> {
  const file = path.join(product.root, "probe.json");
  Object.assign(product.env, {
    NODE_OPTIONS: `--import ${path.join(import.meta.dirname, "main-probe.ts")} --no-warnings`,
    CRUSH_PROBE: file,
    ...env,
  });
  const { pid } = await product.serve();
  return {
    pid,
    async probe() {
      fs.rmSync(file, { force: true });
      process.kill(pid, "SIGUSR2");
      while (!fs.existsSync(file)) await sleep(2);
      return JSON.parse(fs.readFileSync(file, "utf8")) as Probe;
    },
  };
}
