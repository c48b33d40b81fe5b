/** Another server owns this data directory. */
export class AlreadyRunning extends Error {
  override readonly name = "AlreadyRunning";
}
