import type Database from "better-sqlite3";
import { toStoreError } from "./errors.ts";
import { slowStatementMs } from "./limits.ts";

type Value = string | number | null | Uint8Array;
export type StatementTime = { count: number; totalMs: number; maxMs: number; slow: number };

/**
 * Named SQL of one connection: prepared when first used, every run timed, errors typed. A slow run is reported by name only;
 * the arguments are users' texts and stay out of logs. Costs two clock reads a run, about 0.1 us (bench/store.ts).
 */
export class Statements<Name extends string> {
  readonly #db: Database.Database;
  readonly #sql: Record<Name, string>;
  readonly #path: string;
  readonly #prepared = new Map<Name, Database.Statement<Value[]>>();
  readonly #onSlow: (name: string, ms: number) => void;
  readonly times = new Map<Name, StatementTime>();

  constructor(db: Database.Database, sql: Record<Name, string>, path: string, onSlow: (name: string, ms: number) => void = () => {}) {
    this.#db = db;
    this.#sql = sql;
    this.#path = path;
    this.#onSlow = onSlow;
  }

  get<Row>(name: Name, ...values: Value[]): Row | undefined {
    return this.#timed(name, (statement) => statement.get(...values) as Row | undefined);
  }

  all<Row>(name: Name, ...values: Value[]): Row[] {
    return this.#timed(name, (statement) => statement.all(...values) as Row[]);
  }

  /** @returns rows changed */
  run(name: Name, ...values: Value[]): number {
    return this.#timed(name, (statement) => statement.run(...values).changes);
  }

  #timed<Result>(name: Name, use: (statement: Database.Statement<Value[]>) => Result): Result {
    const started = performance.now();
    try {
      let statement = this.#prepared.get(name);
      if (statement === undefined) {
        statement = this.#db.prepare<Value[]>(this.#sql[name]);
        this.#prepared.set(name, statement);
      }
      return use(statement);
    } catch (error) {
      throw toStoreError(error, this.#path);
    } finally {
      this.#note(name, performance.now() - started);
    }
  }

  #note(name: Name, ms: number): void {
    let time = this.times.get(name);
    if (time === undefined) {
      time = { count: 0, totalMs: 0, maxMs: 0, slow: 0 };
      this.times.set(name, time);
    }
    time.count++;
    time.totalMs += ms;
    if (ms > time.maxMs) time.maxMs = ms;
    if (ms >= slowStatementMs) {
      time.slow++;
      this.#onSlow(name, ms);
    }
  }
}
