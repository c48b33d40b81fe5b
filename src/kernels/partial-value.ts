// What JSON that is still arriving says so far, as a live JavaScript value. The kernel's wrapper and the plain version both build it.

/** Reads a string of the value while it grows, so that nobody has to look at what was there before. */
export interface TextListener {
  /** A string begins at `path` (keys and indexes; copy it to keep it). False: its text is not wanted. */
  begins(path: readonly (string | number)[]): boolean;
  text(fresh: string): void;
  ends(): void;
}

/** JSON that arrives in pieces. Pieces may be cut anywhere. */
export interface PartialJson {
  /** Takes the next piece, at the cost of that piece. Does nothing any more once the state is "bad". */
  push(piece: string): void;
  /** "whole": one JSON text and nothing open; `JSON.parse` would take it. "bad": it would not, whatever follows. */
  readonly state: "open" | "whole" | "bad";
  /**
   * What there is so far, undefined before the first value: strings as far as they have come, a number as far as it is one, a
   * literal from its first letter; keys without a value are left out. Costs what came since the last call. It is the value
   * itself, which goes on growing: strings are ropes, and whoever looks into a long one each time pays for its length each time.
   */
  value(): unknown;
  /** No more is coming. */
  close(): void;
}

type Container = unknown[] | Record<string, unknown>;

/** A number of more digits than this is read when it ends: reading it costs its length. */
const openNumberUnitsMax = 400;
const numberSoFar = /^-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/;

const nothing = 0;
const openString = 1;
const openKey = 2;
const openNumber = 3;

/** Built by what a parser says, in the order of the text. Nesting costs no stack. */
export class LiveValue {
  readonly #listener: TextListener | undefined;
  #root: unknown;
  #stack: Container[] = [];
  #top: Container | undefined;
  /** The key or index in each open container. */
  #path: (string | number)[] = [];
  #open = nothing;
  #text = "";
  #isTold = false;
  /** The open text has grown since it was put into the value. */
  #isStale = false;

  constructor(listener?: TextListener) {
    this.#listener = listener;
  }

  get depth(): number {
    return this.#stack.length;
  }

  get inArray(): boolean {
    return Array.isArray(this.#top);
  }

  /** The value as it stands. */
  get(): unknown {
    if (this.#isStale) this.#refresh();
    return this.#root;
  }

  descend(made: Container): void {
    this.#step();
    this.#put(made);
    this.#stack.push(made);
    this.#top = made;
    this.#path.push(Array.isArray(made) ? -1 : "");
  }

  ascend(): void {
    this.#stack.pop();
    this.#path.pop();
    this.#top = this.#stack.at(-1);
  }

  literal(value: true | false | null): void {
    this.#step();
    this.#put(value);
  }

  string(): void {
    this.#step();
    this.#put("");
    this.#begin(openString);
    this.#isTold = this.#listener?.begins(this.#path) ?? false;
  }

  key(): void {
    this.#begin(openKey);
  }

  number(): void {
    this.#step();
    this.#begin(openNumber);
  }

  // Hot: once a fragment.
  text(fresh: string): void {
    this.#text += fresh;
    this.#isStale = true;
    if (this.#isTold) this.#listener!.text(fresh);
  }

  end(): void {
    if (this.#open === openKey) this.#path[this.#path.length - 1] = this.#text;
    else if (this.#open === openNumber) this.#put(Number(this.#text));
    else if (this.#isStale) this.#put(this.#text);
    this.#open = nothing;
    this.#isStale = false;
    if (!this.#isTold) return;
    this.#isTold = false;
    this.#listener!.ends();
  }

  #begin(kind: number): void {
    this.#open = kind;
    this.#text = "";
    this.#isStale = false;
  }

  /** To the next index, when a value of an array begins. */
  #step(): void {
    if (this.inArray) (this.#path[this.#path.length - 1] as number)++;
  }

  #put(value: unknown): void {
    const top = this.#top as Record<string | number, unknown> | undefined;
    const at = this.#path[this.#path.length - 1]!;
    if (top === undefined) this.#root = value;
    // Assigned to, it would be the prototype.
    else if (at === "__proto__") Object.defineProperty(top, at, { value, configurable: true, enumerable: true, writable: true });
    else top[at] = value;
  }

  #refresh(): void {
    this.#isStale = false;
    if (this.#open === openString) this.#put(this.#text);
    else if (this.#open === openNumber && this.#text.length <= openNumberUnitsMax) {
      const sofar = numberSoFar.exec(this.#text);
      if (sofar !== null) this.#put(Number(sofar[0]));
    }
  }
}
