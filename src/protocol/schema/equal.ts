// Compile-time proof that a schema says the same as the TypeScript type of src/protocol, optional fields included.

/** An object type with intersections and aliases resolved, all the way down. */
export type Flat<T> = T extends Uint8Array | string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer U)[]
    ? Flat<U>[]
    : T extends object
      ? { [K in keyof T]: Flat<T[K]> }
      : T;

export type Equal<A, B> = (<T>() => T extends Flat<A> ? 1 : 2) extends <T>() => T extends Flat<B> ? 1 : 2 ? true : false;

/** Does not compile unless its argument is `true`. */
export type Expect<T extends true> = T;
