// Every limit of the store, with its reason. Figures come from test runs on ext4; bench/store.ts measures them again.

/**
 * Text of one part is written at most this often. It is not acknowledged, so what a crash may cost is a quarter of a second of an
 * answer; each write wakes a thread and syncs the disk, which at 20 a second was a fifth of all CPU of a streaming answer.
 */
export const textWriteMs = 250;
/** Rows of one transaction. FULL reaches its plateau (40 k rows/s and more) between 32 and 100 rows; more only makes the ack late. */
export const batchRowsMax = 256;
/** Bytes of file versions and text in one transaction, so that one big save does not hold up everybody's acknowledgements. */
export const batchBytesMax = 8 << 20;
/** Rows waiting in memory before new ones are refused as `busy`: the disk has then been stuck for seconds. */
export const queueRowsMax = 50_000;
/** How long SQLite itself waits for another process's lock before a batch is answered `busy`. */
export const busyTimeoutMs = 2_000;
/** Pauses before a `busy` batch is tried again; after the last one its rows are refused. */
export const busyRetryMs: readonly number[] = [20, 50, 100, 250, 500, 1_000, 2_000, 2_000];
/** Frames (4 KiB each) in the log before a checkpoint: 4 MB, what SQLite's own default is; about 2 ms of work. */
export const checkpointFrames = 1_000;
/** A log this long means that a reader pins it; the checkpoint then waits for readers and starts the log again. 64 MB. */
export const checkpointForceFrames = 16_000;
/** The log file is cut back to this after it was started again. */
export const logBytesKept = 8 << 20;
/** Pages given back to the file system after a deletion, in one go: 8 MB, a few ms. */
export const vacuumPages = 2_000;
/** Page cache of the writing connection: 64 MB, filled as needed. */
export const writerCacheKiB = 64 << 10;
/** Page cache of each reading connection; mapped pages are shared between them, so it can be small. */
export const readerCacheKiB = 8 << 10;
/** Memory-mapped part of the file. */
export const mapBytes = 256 << 20;
/** Pages of the whole database: 64 GiB of 4 KiB. Beyond it writes answer `full`. */
export const pagesMax = 16 << 20;
/** A statement slower than this is reported by name, without its arguments: those are users' texts. */
export const slowStatementMs = 25;
/** One file version. Bigger files are not source text, and undo of them would fill the quota alone. */
export const fileVersionBytesMax = 32 << 20;
/** All blobs together; the oldest file versions make room for new ones. */
export const blobBytesMax = 1 << 30;
/** A blob is kept in pieces of this size, so that reading one never holds it whole. */
export const blobPieceBytes = 256 << 10;
/** Characters of one page of messages or events: a reader of pages never holds more than this and one message. */
export const pageCharsMax = 4 << 20;
/** Quiet time before messages are indexed: an answer that streams writes four times a second, and the index should not get between. */
export const searchIdleMs = 300;
/** A server that is never quiet indexes all the same after so long: what was said a moment ago can be found. */
export const searchLatestMs = 5_000;
/** Between two pieces: the thread works a fifth of the time at most, and a batch that came meanwhile goes first. */
export const searchPauseMs = 20;
/** Characters of one piece: 3 ms of work (50 us a KB), the longest that a batch waits for the index, merges of it aside. */
export const searchPieceChars = 64 << 10;
/** Messages of one piece, for those with little text. */
export const searchPieceMessages = 64;
/** Pages of the index that are merged in one go: 1 to 3 ms. */
export const searchMergePages = 16;
/** Steps of one idle run after which memory is given back: it has read megabytes then. Short runs, after each message, keep what is warm. */
export const restAfterSteps = 100;
/** Characters of a message that are indexed; what follows in a longer one is not found. */
export const searchMessageCharsMax = 64 << 10;
/** Characters of a tool's arguments, and of its result, that are indexed: its beginning tells what it is, the rest is mostly files. */
export const searchToolCharsMax = 8 << 10;
/**
 * Letters of the last word before it may stand for longer ones: the index has lists of its own for beginnings of this length, and with fewer
 * it would mean a good part of all words (3 ms for each 10,000 messages).
 */
export const searchPrefixCharsMin = 3;
/** Words, or groups in quotes, of one query. */
export const searchTermsMax = 16;
/** Characters of a message in an answer: two lines of a terminal. */
export const searchSnippetChars = 160;
/** Sessions that an ambiguous prefix answers with. */
export const prefixMatchesMax = 20;
/** Digits of a session's hash that are kept: 64 bits, no collision to be expected below billions of sessions. */
export const hashChars = 16;
/** Sessions of agents that are listed for their parent: more than a long day makes. */
export const agentSessionsMax = 1_000;
/** All attachments together. Nothing is dropped for new ones: they are part of conversations. */
export const attachmentsBytesMax = 16 * 2 ** 30;
/** An attachment that no message has is kept for so long: its prompt may be on the way. */
export const attachmentKeptMs = 60 * 60_000;
/** An upload that broke off may go on for so long. */
export const uploadKeptMs = 24 * 60 * 60_000;
