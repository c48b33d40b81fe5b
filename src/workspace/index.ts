export { type FilesOptions, openFiles } from "./files.ts";
export { createIgnore, type IgnoreRules } from "./ignore.ts";
export { globalIgnoreRules } from "./global-ignore.ts";
export { isInside } from "./resolve.ts";
export { createFileIndex, type FileIndex } from "./file-index.ts";
