import type { Config } from "../../contracts/config.ts";

/** What a person is told of the configuration: `file:line: message`. */
export const noticeTexts = (config: Config): string[] =>
  config.notices.map(
    ({ file, line, key, message }) => `${file}${line === undefined ? "" : `:${line}`}: ${key === undefined ? "" : `${key}: `}${message}`,
  );
