// Instances of kernels that come and go, a screen's for one: given back they are used again. A WASM memory is never given back to the
// system by itself: V8 reserves address space for each, and frees it when the collector finds time, so that opening and
// closing in a row would pile them up.
import { instantiateKernel } from "./load.ts";

type WithMemory = { memory: WebAssembly.Memory };

/** Instances of one module that wait to be used again: a client that reconnects, a few that come together. */
const idleMax = 4;
/** A larger one is left to the collector: a screen of 500x200 would hold its 5 MB for one of 80x24. 1.5 MB: 240x80 in inline mode. */
const idleBytesMax = 1_536 << 10;

const idle = new WeakMap<WebAssembly.Module, WithMemory[]>();

/**
 * An instance with a memory of its own and any content: the smallest idle one that has `bytes`, else the largest, which will grow,
 * else a fresh one.
 */
export function takeInstance<Exports extends WithMemory>(module: WebAssembly.Module, bytes: number): Exports {
  const waiting = idle.get(module) ?? [];
  // From small to large.
  const fits = waiting.findIndex(({ memory }) => memory.buffer.byteLength >= bytes);
  const [taken] = waiting.splice(fits < 0 ? waiting.length - 1 : fits, 1);
  return (taken as Exports | undefined) ?? instantiateKernel<Exports>(module);
}

/** Gives an instance back. Its owner must not touch it, or a view of its memory, any more. */
export function giveInstance(module: WebAssembly.Module, instance: WithMemory): void {
  if (instance.memory.buffer.byteLength > idleBytesMax) return;
  const waiting = idle.get(module) ?? [];
  idle.set(module, waiting);
  waiting.push(instance);
  waiting.sort((a, b) => a.memory.buffer.byteLength - b.memory.buffer.byteLength);
  if (waiting.length > idleMax) waiting.shift();
}
