import fs from "node:fs";
import path from "node:path";

const modules = new Map<string, WebAssembly.Module>();

/**
 * The compiled module of a kernel, from `<directory>/<name>.wasm` (the build writes them to dist/kernels). Synchronous,
 * because a worker needs its kernels before its first message; compiled once per thread and file.
 * @throws Error when the file is missing or is no WASM: the build is incomplete.
 */
export function loadKernel(directory: string, name: string): WebAssembly.Module {
  const file = path.resolve(directory, `${name}.wasm`);
  let module = modules.get(file);
  if (module === undefined) {
    try {
      module = new WebAssembly.Module(fs.readFileSync(file));
    } catch (cause) {
      throw new Error(`Kernel ${name} cannot be loaded from ${file}: run the build (npm run build) again`, { cause });
    }
    modules.set(file, module);
  }
  return module;
}

/**
 * A fresh instance with memory and globals of its own. Kernels import nothing but asc's `abort`, which is a bug of ours when
 * it is reached.
 */
export function instantiateKernel<Exports>(module: WebAssembly.Module): Exports {
  const abort = (): never => {
    throw new Error("A kernel aborted: this is a bug");
  };
  return new WebAssembly.Instance(module, { env: { abort } }).exports as Exports;
}
