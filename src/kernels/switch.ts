export type KernelMode = "wasm" | "plain";

/**
 * Which version of the kernels runs: `CRUSH_KERNELS=plain` takes the plain TypeScript versions, to tell a kernel's bug from
 * another's. Everything else is WASM.
 */
export function kernelMode(env: Record<string, string | undefined> = process.env): KernelMode {
  return env.CRUSH_KERNELS === "plain" ? "plain" : "wasm";
}
