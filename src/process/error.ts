/** A child that could not be started, or a job that could not be. `code` is the system's (ENOENT, EACCES, E2BIG, ...) or "jobs_full". */
export class ProcessError extends Error {
  override readonly name = "ProcessError";
  readonly code: string;
  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
