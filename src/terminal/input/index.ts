export { createInputDecoder, type InputDecoder } from "./decoder.ts";
export * from "./events.ts";
