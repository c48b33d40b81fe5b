export { createInputDecoder, type InputDecoder } from "./decoder.ts";
export { encodeEditorDone } from "./editor-done.ts";
export * from "./events.ts";
