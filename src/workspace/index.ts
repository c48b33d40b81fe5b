export { FileError, type FilesOptions, openFiles, readStamp } from "./files.ts";
export { createIgnore, type IgnoreRules } from "./ignore.ts";
export { isInside, realPath } from "./resolve.ts";
export { createFileIndex, type FileIndex } from "./file-index.ts";
