// A database as Crush makes it (goose migrations, times in seconds, parts as JSON), small.
import Database from "better-sqlite3";

export type CrushPart = { type: string; data: Record<string, unknown> };

export function makeCrushDatabase(file: string): {
  session(id: string, over?: Record<string, unknown>): void;
  message(id: string, session: string, role: string, parts: CrushPart[] | string, over?: Record<string, unknown>): void;
  close(): void;
} {
  const db = new Database(file);
  db.pragma("journal_mode = WAL");
  db.exec(`
    CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL, tstamp TIMESTAMP);
    CREATE TABLE sessions (id TEXT PRIMARY KEY, parent_session_id TEXT, title TEXT NOT NULL, message_count INTEGER NOT NULL DEFAULT 0,
      prompt_tokens INTEGER NOT NULL DEFAULT 0, completion_tokens INTEGER NOT NULL DEFAULT 0, cost REAL NOT NULL DEFAULT 0.0,
      updated_at INTEGER NOT NULL, created_at INTEGER NOT NULL, summary_message_id TEXT, todos TEXT);
    CREATE TABLE messages (id TEXT PRIMARY KEY, session_id TEXT NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, role TEXT NOT NULL,
      parts TEXT NOT NULL DEFAULT '[]', model TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, finished_at INTEGER, provider TEXT,
      is_summary_message INTEGER NOT NULL DEFAULT 0);
    CREATE TABLE files (id TEXT PRIMARY KEY, session_id TEXT NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, path TEXT NOT NULL,
      content TEXT NOT NULL, version INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, UNIQUE(path, session_id, version));
    CREATE TABLE read_files (session_id TEXT NOT NULL, path TEXT NOT NULL, read_at INTEGER NOT NULL, PRIMARY KEY (path, session_id));`);
  let time = 1_750_000_000;
  const insert = (table: string, row: Record<string, unknown>): void => {
    const names = Object.keys(row);
    db.prepare(`INSERT INTO ${table} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`).run(...Object.values(row));
  };
  return {
    session: (id, over = {}) =>
      insert("sessions", {
        id,
        title: `session ${id}`,
        prompt_tokens: 900,
        completion_tokens: 100,
        cost: 0.25,
        created_at: ++time,
        updated_at: time + 100,
        ...over,
      }),
    message: (id, session, role, parts, over = {}) =>
      insert("messages", {
        id,
        session_id: session,
        role,
        parts: typeof parts === "string" ? parts : JSON.stringify(parts),
        created_at: ++time,
        updated_at: time,
        ...(role === "assistant" && { model: "big", provider: "sim", finished_at: time }),
        ...over,
      }),
    close: () => db.close(),
  };
}
