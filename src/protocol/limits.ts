// Every public limit, named once. Units are in the name: Bytes, Ms, Max (a count).

/** One frame from a client. The largest legal one is a prompt with pasted text; images travel as blobs. */
export const clientFrameBytesMax = 4 << 20;
/** One patch: a full repaint of 500 x 200 cells with a colour change in each is about 2.4 MB; more is a bug in the sender. */
export const patchBytesMax = 4 << 20;
/** A client that has not said hello in this time is closed with 1008. */
export const helloTimeoutMs = 5_000;
/** Sent to each subscriber that heard nothing else for this long; carries the head seq of each subscribed session. */
export const heartbeatMs = 15_000;
/** Patches in flight before the screen waits for an acknowledgement; the next one then jumps to the present. */
export const patchesInFlightMax = 12;
/** A client acknowledges at least each so many patches: fewer acknowledgements are fewer wake-ups of three threads. Less than the window, so that it never closes on a client that keeps up. */
export const patchesPerAck = 6;
/** Bytes waiting in a client's socket before latest-wins frames are dropped for it. */
export const slowClientBytes = 1 << 20;
/** Bytes waiting in a client's socket before it is closed with 4008 and may resume. */
export const slowClientCloseBytes = 16 << 20;
/** Requests of one connection that may wait for an answer; one more is answered `overloaded`. */
export const requestsInFlightMax = 256;
/** A request's id and idempotency key. */
export const idCharsMax = 128;
/** An idempotency key is remembered for this long. */
export const idempotencyMs = 24 * 60 * 60_000;
export const promptBytesMax = 2 << 20;
/** Piece of an upload. Small, so that a key never waits behind one; in base64 it is 87 KB of a frame. */
export const attachmentPieceBytes = 64 << 10;
/** One attachment. It is never in memory as a whole. */
export const attachmentBytesMax = 1 << 30;
/** A picture that a model is sent, and a file whose text stands in a prompt. Crush's number; providers refuse more. */
export const pictureBytesMax = 5 << 20;
/** Arguments of a custom command. */
export const commandArgsCharsMax = 64 << 10;
export const commandValuesMax = 50;
export const titleCharsMax = 200;
export const screenColsMin = 20;
export const screenColsMax = 500;
export const screenRowsMin = 5;
export const screenRowsMax = 200;
/** Bytes of keyboard or paste input in one frame. */
export const inputBytesMax = 1 << 20;
/** Rows of `session.messages`, `session.list`, `events` answered at once. */
export const pageRowsMax = 500;
/** Characters of a tool's result that a screen gets and a row holds: as many as the built-in one lays out, and more than a command says. */
export const resultHeadChars = 64_000;
/** A search's text: longer than any sentence that one would look for. */
export const queryCharsMax = 1_000;
/** Hits of one search. */
export const searchHitsMax = 100;
/** Files that one undo may be told to put back although they were changed since. */
export const forcedFilesMax = 1_000;
/** Questions that the agent asks at once, choices of one, and characters of one answer in words. The first two are Crush's. */
export const questionsMax = 5;
export const questionChoicesMax = 5;
export const answerCharsMax = 16 << 10;
/** A command that a user types; a script is a file. */
export const commandCharsMax = 64 << 10;
/** Characters of `job.output`: more than fits a screen many times over. */
export const jobOutputCharsMax = 256 << 10;
/** Screens of one connection. */
export const screensPerConnectionMax = 8;
/** Sessions that one connection may subscribe to. */
export const subscriptionsMax = 1_000;
/** Nesting of a frame. The deepest legal one has 7 levels (an event with the todos of a tool's result); more is an attack on a stack. */
export const frameDepthMax = 32;
/** Values (numbers, strings, lists, maps) in one client frame: small values cost 10 times their bytes once decoded. */
export const frameValuesMax = 100_000;
/** Bytes of a connection that has not said hello; what follows a hello at once does not count. */
export const helloBytesMax = 128 << 10;
