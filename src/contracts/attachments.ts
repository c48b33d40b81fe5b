// Contents that came with prompts, by the SHA-256 of their bytes (hex), stored once, in pieces.

export type Stored = { bytes: number /** The first bytes, to tell what it is. */; head: Uint8Array };

/** Errors are CommandErrors: `bad_request`, `limit`, `not_found`. */
export interface Attachments {
  /** Makes ready for an upload. `offset`: what is here already of an upload that broke off; `complete`: all of it is. */
  begin(upload: { hash: string; bytes: number }): Promise<{ offset: number; complete: boolean }>;
  /** Adds a piece; one that is here already is taken as it is. Answers how much there is. */
  piece(piece: { hash: string; offset: number; data: Uint8Array }): Promise<{ offset: number }>;
  /** All pieces were given: checks the hash. On disk when it answers. */
  end(hash: string): Promise<Stored>;
  /** Stores what is in memory. */
  put(content: Uint8Array): Promise<string>;
  /** What is stored, or undefined. */
  find(hash: string): Promise<Stored | undefined>;
  read(hash: string): Promise<Uint8Array>;
  /** Sessions were deleted: removes what no message has any more. */
  tidy(): Promise<void>;
}
