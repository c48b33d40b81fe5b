import fs from "node:fs";
import type { Message, SearchHit, Session } from "../../protocol/index.ts";
import type { Client } from "../../sdk/index.ts";
import { flag, type Parsed, text, UsageError } from "../args.ts";
import { connectToServer, place } from "../connection.ts";
import { plain, plainJson } from "../plain.ts";
import { runLingerMs } from "../server-control.ts";
import { exported } from "./export.ts";
import { travel } from "./undo.ts";
import { messagesToMarkdown } from "../transcript.ts";

const pageRows = 200;

/** `crush session list|search|show|last|rename|delete|export` */
export async function sessionCommand(parsed: Parsed): Promise<number> {
  const at = place(parsed);
  const json = flag(parsed.values, "json");
  const client = await connectToServer(at, { lingerMs: runLingerMs });
  try {
    const named = async () => {
      const id = parsed.words[0];
      if (!id)
        throw new UsageError(
          `crush session ${parsed.sub}: which one? Give its id or the start of its hash (crush session list shows them)`,
        );
      return (await client.request("session.get", { session: id, workspace: at.cwd })).session;
    };
    switch (parsed.sub) {
      case undefined:
      case "list": {
        const sessions = await allSessions(client, flag(parsed.values, "all") ? undefined : at.cwd);
        if (json) print(plainJson(sessions.map(row), 2));
        else for (const session of sessions) print(line(session));
        return 0;
      }
      case "search": {
        const query = parsed.words.join(" ");
        if (query.trim() === "") throw new UsageError("crush session search WORDS: what is looked for?");
        const { hits, complete } = await client.request("session.search", { query });
        if (json) print(plainJson({ hits, complete }, 2));
        else for (const hit of hits) print(found(hit));
        if (!json && hits.length === 0) process.stderr.write("nothing was found\n");
        if (!complete) process.stderr.write("some messages are not in the index yet: try again in a moment\n");
        return 0;
      }
      case "last": {
        const { session } = await client.request("session.get", { session: "last", workspace: at.cwd });
        print(json ? plainJson(row(session), 2) : line(session));
        return 0;
      }
      case "show": {
        const session = await named();
        const messages = await allMessages(client, session.id);
        if (json)
          print(plainJson({ ...row(session), cost: session.usage.cost, tokens: session.usage.input + session.usage.output, messages }, 2));
        else print(`${line(session)}\n\n${plain(messagesToMarkdown(session, messages))}`);
        return 0;
      }
      case "rename": {
        const session = await named();
        const title = parsed.words.slice(1).join(" ").trim();
        if (title === "") throw new UsageError("crush session rename ID TITLE: the title is missing");
        const renamed = (await client.request("session.rename", { session: session.id, title })).session;
        print(json ? plainJson(row(renamed), 2) : line(renamed));
        return 0;
      }
      case "delete": {
        const session = await named();
        await client.request("session.delete", { session: session.id });
        print(json ? plainJson({ deleted: session.id }) : `deleted ${session.hash.slice(0, 7)} ${plain(session.title)}`);
        return 0;
      }
      case "export": {
        const session = await named();
        const messages = await allMessages(client, session.id);
        const content = await exported(session, messages, parsed, at);
        const file = text(parsed.values, "output");
        if (file) fs.writeFileSync(file, content, { mode: 0o600 });
        else print(content.replace(/\n$/, ""));
        return 0;
      }
      case "fork": {
        const session = await named();
        const message = await messageOf(client, session, parsed.words[1]);
        const { session: fork } = await client.request("session.fork", { session: session.id, ...(message ? { message } : {}) });
        print(json ? plainJson(row(fork), 2) : line(fork));
        return 0;
      }
      case "rewind": {
        const session = await named();
        const message = await messageOf(client, session, parsed.words[1]);
        if (message === undefined) throw new UsageError("crush session rewind ID MESSAGE: to which message? Give its id or its number");
        return await travel(parsed, (wish) => client.request("session.rewind", { session: session.id, message, ...wish }), at.cwd);
      }
      default:
        throw new UsageError(`crush session: there is no "${parsed.sub}"`);
    }
  } finally {
    void client.close();
  }
}

async function allSessions(client: Client, workspace: string | undefined): Promise<Session[]> {
  const all: Session[] = [];
  for (;;) {
    const before = all.at(-1)?.updatedAt;
    const { sessions } = await client.request("session.list", {
      limit: pageRows,
      ...(workspace ? { workspace } : {}),
      ...(before === undefined ? {} : { before }),
    });
    const fresh = sessions.filter((s) => !all.some((known) => known.id === s.id));
    all.push(...fresh);
    if (sessions.length < pageRows || fresh.length === 0) return all;
  }
}

export async function allMessages(client: Client, session: string): Promise<Message[]> {
  let all: Message[] = [];
  for (;;) {
    const before = all[0]?.id;
    const page = await client.request("session.messages", { session, limit: pageRows, ...(before ? { before } : {}) });
    all = [...page.messages, ...all];
    if (!page.more || page.messages.length === 0) return all;
  }
}

/** By its id, or by its number in the session as `session search` tells it. */
async function messageOf(client: Client, session: Session, given: string | undefined): Promise<string | undefined> {
  if (given === undefined || !/^#?\d{1,9}$/.test(given)) return given;
  const message = (await allMessages(client, session.id))[Number(given.replace("#", "")) - 1];
  if (message === undefined) throw new UsageError(`session ${session.hash.slice(0, 7)} has no message ${given}`);
  return message.id;
}

const row = (session: Session) => ({
  id: session.hash.slice(0, 7),
  uuid: session.id,
  title: plain(session.title),
  workspace: session.workspace,
  status: session.status,
  created: new Date(session.createdAt).toISOString(),
  modified: new Date(session.updatedAt).toISOString(),
});

const line = (session: Session): string =>
  `${session.hash.slice(0, 7)}  ${new Date(session.updatedAt).toISOString().slice(0, 16).replace("T", " ")}  ${session.status === "idle" ? "" : `[${session.status}] `}${plain(session.title)}`;

const found = ({ hash, title, seq, role, createdAt, snippet }: SearchHit): string =>
  `${hash.slice(0, 7)}  ${new Date(createdAt).toISOString().slice(0, 16).replace("T", " ")}  ${plain(title)}\n    ${role} #${seq}: ${plain(snippet.text)}`;

const print = (value: string): void => void process.stdout.write(`${value}\n`);
