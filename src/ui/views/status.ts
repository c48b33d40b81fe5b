import { contextLeft } from "../../protocol/index.ts";
import type { App } from "../app.ts";
import { clipLine, justified, type Line, line, type Span, span } from "../layout/line.ts";
import { queuedTurns, runningTurn } from "../model/state.ts";

const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const spinnerMs = 250;
const plainStyle = { fg: 0, bg: 0, attrs: 0 };

const stateWords: { readonly [state: string]: string } = {
  idle: "Working",
  connecting: "Connecting",
  waiting: "Waiting for the model",
  streaming: "Answering",
  tool: "Running",
  compacting: "Summarizing what is old:",
  permission: "Waiting for your answer",
  retrying: "Retrying",
};

/** What the session does now: spinner, words, seconds; or a countdown to the next attempt. */
function activity(app: App): Span[] {
  const { theme, host } = app;
  const now = host.now();
  const mark = spinner[Math.floor(now / spinnerMs) % spinner.length]!;
  // In the terminal's own colour a tick is a move and a character: a colour would be the larger part of its bytes.
  const spin = span(mark, plainStyle);
  if (!app.session) return [spin, span(" Starting a session", theme.primary)];
  const state = app.session.activity;
  const turn = runningTurn(app.session);
  const seconds = turn ? Math.max(0, Math.floor((now - turn.createdAt) / 1_000)) : 0;
  if (state?.state === "permission") return [span("? Waiting for your answer", theme.warning)];
  if (state?.state === "retrying") {
    const left = state.retryAt === undefined ? "" : ` in ${Math.max(0, Math.ceil((state.retryAt - now) / 1_000))} s`;
    return [spin, span(` Attempt ${state.attempt ?? 2}${left}`, theme.warning), span(state.note ? `  ${state.note}` : "", theme.muted)];
  }
  const words = stateWords[state?.state ?? "idle"] ?? "Working";
  const note = state?.note && (state.state === "tool" || state.state === "compacting") ? ` ${state.note}` : "";
  return [spin, span(` ${words}${note}`, theme.primary), span(`  ${seconds} s`, plainStyle)];
}

/** The last row: what happens or what was said, and marks at the right. */
export function statusLine(app: App, columns: number): Line {
  const { theme } = app;
  const marks: Span[] = [];
  const queued = app.session ? queuedTurns(app.session).length : 0;
  if (queued > 0) marks.push(span(`${queued} queued `, theme.statusStrong));
  if (app.models.demo) marks.push(span(" demo, no model ", theme.badge), span(" ", theme.text));
  if (app.plan) marks.push(span(" plan ", theme.badge), span(" ", theme.text));
  if (app.yolo) marks.push(span(" yolo ", theme.badgeWarning), span(" ", theme.text));
  if (!app.transcript.follow) marks.push(span("↓ ctrl+end ", theme.secondary));
  const right = line(...(columns >= 60 || app.running ? marks : marks.slice(0, 2)));
  return justified(clipLine(line(span(" ", theme.text), ...leftOf(app, columns)), columns), right, columns);
}

function leftOf(app: App, columns: number): Span[] {
  const { theme } = app;
  if (app.cancelArmed && app.shells.size > 0) return [span("Press esc again to end the command", theme.warning)];
  if (app.cancelArmed && app.running) return [span("Press esc again to cancel", theme.warning)];
  if (app.notice) return [span(app.notice.text.replace(/\s+/g, " "), app.notice.kind === "error" ? theme.error : theme.statusStrong)];
  if (app.running) {
    // Over a question escape denies; its own frame says so.
    const cancels = columns >= 60 && app.dialog?.name !== "permission";
    return [...activity(app), ...(cancels ? [span("  esc esc cancels", theme.faint)] : [])];
  }
  if (app.inline) return facts(app, columns);
  const hints =
    app.focus === "chat"
      ? "j/k scroll · space unfolds · c copies · tab editor"
      : `${app.keys.hint("ctrl+p")} commands · ${app.keys.hint("ctrl+g")} help · ${app.keys.hint("tab")} chat`;
  return [span(hints, theme.faint)];
}

/** Model, how full its context is, and the cost so far. */
function facts(app: App, columns: number): Span[] {
  const { theme } = app;
  const session = app.session?.session;
  const model = app.model;
  const name = model?.name ?? app.modelRef?.model ?? "";
  const spans: Span[] = [];
  if (name !== "") spans.push(span(name, theme.statusStrong));
  if (session && session.contextTokens > 0) {
    // Of what may be filled: the rest is for the answer, and at 100 % it is compacted.
    const usable = model ? model.contextWindow - contextLeft(model.contextWindow) : 0;
    const percent = usable > 0 ? ` ${Math.round((session.contextTokens / usable) * 100)}%` : "";
    spans.push(span(`${spans.length > 0 ? "  " : ""}${tokens(session.contextTokens)}${percent}`, theme.status));
  }
  if (session && session.usage.cost > 0 && columns >= 50)
    spans.push(span(`  $${session.usage.cost.toFixed(session.usage.cost < 1 ? 3 : 2)}`, theme.status));
  return spans;
}

function tokens(count: number): string {
  return count < 1_000
    ? String(count)
    : count < 1_000_000
      ? `${(count / 1_000).toFixed(count < 10_000 ? 1 : 0)}K`
      : `${(count / 1_000_000).toFixed(1)}M`;
}

/** The first row of the full screen: where one is, and with what. */
export function headerLine(app: App, columns: number): Line {
  const { theme } = app;
  const title = app.session?.session?.title;
  const left = line(
    span(" Crush ", theme.primary),
    span(shortPath(app.host.workspace, Math.max(12, columns >> 1)), theme.status),
    span(title ? `  ${title}` : "", theme.statusStrong),
  );
  const right = line(...facts(app, columns), span(" ", theme.text));
  return justified(clipLine(left, columns), columns >= 40 ? right : line(), columns);
}

/** The end of a path says more than its start. */
export function shortPath(path: string, columns: number): string {
  const home = path.replace(/^(?:\/home\/[^/]+|\/Users\/[^/]+|\/root)(?=\/|$)/, "~");
  return home.length <= columns ? home : `…${home.slice(-(columns - 1))}`;
}
