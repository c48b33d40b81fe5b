// Contents addressed by SHA-256, stored once, in pieces, within a quota: the oldest file versions make room for new ones.
import { createHash } from "node:crypto";
import type { FileVersion } from "../contracts/store.ts";
import { StoreError } from "./errors.ts";
import { blobBytesMax, blobPieceBytes, fileVersionBytesMax } from "./limits.ts";
import { headOf, linesOf } from "./rows.ts";
import type { Statements } from "./statements.ts";
import { recordWrite } from "./time/undo.ts";
import type { WriteName } from "./write-sql.ts";

/**
 * Keeps what a file was before a turn changed it. The same content twice in a row within one turn is one version.
 * @throws StoreError `constraint` for an unknown session, `full` for a file that is bigger than undo keeps
 */
export function saveVersion(sql: Statements<WriteName>, version: FileVersion, time: number, quota = blobBytesMax): void {
  const { path, turn, content } = version;
  const session = sql.get<{ key: number }>("sessionKey", version.session)?.key;
  if (session === undefined) throw new StoreError("constraint", `File version of ${path} refused: there is no session ${version.session}`);
  const bytes = content?.byteLength ?? 0;
  const most = Math.min(fileVersionBytesMax, quota);
  if (bytes > most)
    throw new StoreError("full", `${path} has ${bytes} bytes, undo keeps files up to ${most}: this change cannot be undone`);
  const hash = content === undefined ? null : createHash("sha256").update(content).digest();
  const { after, made, mode } = version;
  if (after !== undefined)
    recordWrite(sql, {
      session: version.session,
      turn,
      path,
      before: hash?.toString("hex") ?? null,
      after,
      ...(mode !== undefined && { mode }),
      ...(made !== undefined && { made }),
    });
  const newest = sql.get<{ turn: string; hash: Buffer | null }>("newestVersion", session, path);
  if (newest?.turn === turn && (hash === null ? newest.hash === null : newest.hash?.equals(hash))) return;
  if (content !== undefined && hash !== null) addBlob(sql, hash, content, quota);
  sql.run("addVersion", session, path, turn, time, version.mode ?? null, hash, bytes);
}

function addBlob(sql: Statements<WriteName>, hash: Buffer, content: Uint8Array, quota: number): void {
  if (sql.run("addBlob", hash, content.byteLength, 1) === 0) return;
  while (sql.get<{ bytes: number }>("blobTotal")!.bytes > quota) {
    const oldest = sql.get<{ key: number }>("oldestVersion");
    if (oldest === undefined) break;
    sql.run("dropVersion", oldest.key);
  }
  addPieces(sql, hash, content);
}

/** A text too long for a row: its beginning, the hash under which the whole is kept, and how much it is. */
export function saveText(sql: Statements<WriteName>, text: string): { text: string; blob: Buffer; chars: number; lines: number } {
  const content = Buffer.from(text);
  const blob = createHash("sha256").update(content).digest();
  if (sql.run("addBlob", blob, content.byteLength, 0) > 0) addPieces(sql, blob, content);
  return { text: headOf(text), blob, chars: text.length, lines: linesOf(text) };
}

function addPieces(sql: Statements<WriteName>, hash: Buffer, content: Uint8Array): void {
  for (let piece = 0, at = 0; at < content.byteLength; piece++, at += blobPieceBytes)
    sql.run("addPiece", hash, piece, content.subarray(at, at + blobPieceBytes));
}
