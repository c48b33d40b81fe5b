// One attached terminal: a view paints cells, the diff makes a patch, the credit decides when.
//
// Frames. Input is answered at once; everything else waits for the worker's tick. A frame is painted, diffed and sent in one go.
// Credit. At most patchesInFlightMax patches may be unacknowledged; then nothing is painted or diffed, and the first
// acknowledgement paints the present. So a client that lags costs its grids and nothing else: `memory` is 0.5 MB at 120x40,
// 0.9 MB at 200x60 and 3.9 MB at 500x200 (inline, with a third grid: 0.6, 1.0 and 5.4 MB), however long it lags.
import type { Frame, OpenView, View, ViewHost } from "../../contracts/view.ts";
import { openDiff } from "../../kernels/diff.ts";
import { openPlainDiff } from "../../kernels/reference/diff.ts";
import {
  type DurableEvent,
  type LatestEvent,
  type MethodName,
  type Params,
  patchesInFlightMax,
  type Result,
  type ScreenMode,
  screenColsMax,
  screenColsMin,
  screenRowsMax,
  screenRowsMin,
  type TerminalTraits,
} from "../../protocol/index.ts";
import type { HostedScreen, OpenHostedScreen, ScreenPort } from "../screens.ts";
import { openFullStage } from "./full.ts";
import { openInlineStage } from "./inline.ts";
import { openPlainStage } from "./plain.ts";
import { quirksOf } from "./quirks.ts";
import type { Stage } from "./stage.ts";

export type ScreenOptions = {
  screen: number;
  cols: number;
  rows: number;
  mode: ScreenMode;
  term: TerminalTraits;
  workspace: string;
  session?: string;
  initialPrompt?: string;
  yolo?: boolean;
  /** What `state()` of an earlier screen of the same terminal gave. */
  state?: unknown;
};

export interface Screen extends HostedScreen {
  /** Bytes held for the terminal: grids, tables and the patch buffer. */
  readonly memory: number;
}

/** What `state()` gives: the view's own, and what of the terminal is ours. */
type ScreenState = { view: unknown; ownRows: number };

function isScreenState(state: unknown): state is ScreenState {
  return typeof state === "object" && state !== null && "view" in state && "ownRows" in state && typeof state.ownRows === "number";
}

const within = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, Math.trunc(value) || low));

/**
 * Opens a screen and its view, and asks for a first tick.
 * @param kernel the diff kernel's module; undefined runs the plain version
 * @throws what the view throws when it is opened; later, methods throw what the view throws
 */
export function openScreen(options: ScreenOptions, kernel: WebAssembly.Module | undefined, openView: OpenView, port: ScreenPort): Screen {
  const { screen, mode, term, workspace } = options;
  const inline = mode === "inline";
  const size = { cols: within(options.cols, screenColsMin, screenColsMax), rows: within(options.rows, screenRowsMin, screenRowsMax) };
  const earlier = isScreenState(options.state) ? options.state : undefined;
  const openCells = (): Stage => {
    const diffOptions = { ...size, scroll: !inline, repeat: quirksOf(term).repeat, live: inline };
    const diff = kernel === undefined ? openPlainDiff(diffOptions) : openDiff(kernel, diffOptions);
    return inline ? openInlineStage(diff, term.colours, earlier?.ownRows) : openFullStage(diff, term.colours);
  };
  const stage: Stage = mode === "plain" ? openPlainStage() : openCells();

  let sent = 0;
  let acknowledged = 0;
  /** The next patch says nothing about the one before it. */
  let fresh = true;
  let wanted = true;
  /** A frame was due and there was no credit: it is painted with the next acknowledgement. */
  let starved = false;
  let closed = false;
  let focused = true;
  const timers = new Set<() => void>();

  const send = (bytes: Uint8Array): void => {
    const base = fresh ? 0 : sent;
    fresh = false;
    sent++;
    port.send({ t: "patch", screen, base, seq: sent, bytes });
  };

  const host: ViewHost = {
    mode,
    term,
    workspace,
    screen,
    request: <M extends MethodName>(method: M, params: Params<M>) => port.request(method, params) as Promise<Result<M>>,
    invalidate() {
      if (closed || wanted) return;
      wanted = true;
      port.dirty();
    },
    effect(effect) {
      if (!closed) port.send({ t: "effect", effect: { type: "effect", screen, ...effect } });
    },
    after(ms, run) {
      const cancel = port.clock.after(ms, () => {
        timers.delete(cancel);
        if (!closed) port.guard(run);
      });
      timers.add(cancel);
      return () => {
        timers.delete(cancel);
        cancel();
      };
    },
    now: () => port.clock.now(),
  };

  const view: View = openView(host, {
    ...size,
    ...(options.session === undefined ? {} : { session: options.session }),
    ...(options.initialPrompt === undefined ? {} : { initialPrompt: options.initialPrompt }),
    ...(options.yolo ? { yolo: true } : {}),
    ...(options.state === undefined ? {} : { state: earlier === undefined ? options.state : earlier.view }),
  });

  /** Paints and sends what is due, as far as the credit goes. */
  function frame(): void {
    if (closed) return;
    if (sent - acknowledged >= patchesInFlightMax) {
      wanted = true;
      starved = true;
      return;
    }
    starved = false;
    wanted = false;
    if (!stage.unfinished) {
      const painted: Frame = view.paint(stage.surface);
      stage.take(painted);
    } else wanted = true; // the rest of a large frame goes first
    const bytes = stage.render();
    if (bytes.length > 0) send(bytes);
    if (stage.unfinished || wanted) {
      wanted = true;
      port.dirty();
    }
  }

  port.dirty();

  return {
    input(bytes) {
      if (closed) return;
      view.input(bytes);
      frame();
    },
    resize(cols, rows) {
      if (closed) return;
      const to = { cols: within(cols, screenColsMin, screenColsMax), rows: within(rows, screenRowsMin, screenRowsMax) };
      stage.resize(to.cols, to.rows);
      fresh = true;
      view.resize(to.cols, to.rows);
      frame();
    },
    ack(seq) {
      // A client cannot acknowledge what it was never sent.
      if (seq > acknowledged) acknowledged = Math.min(seq, sent);
      if (starved) frame();
    },
    repaint() {
      if (closed) return;
      stage.repaint();
      fresh = true;
      frame();
    },
    focus(now) {
      if (closed || now === focused) return;
      focused = now;
      view.focus(now);
      if (wanted) frame();
    },
    event(event: DurableEvent | LatestEvent) {
      if (!closed) view.event(event);
    },
    show(session) {
      if (closed) return;
      view.show(session);
      frame();
    },
    configured(notice) {
      if (!closed) view.configured?.(notice);
    },
    tick() {
      if (wanted) frame();
    },
    get due() {
      return !closed && wanted && sent - acknowledged < patchesInFlightMax;
    },
    state: (): ScreenState => ({ view: view.state(), ownRows: stage.ownRows }),
    close() {
      if (closed) return;
      closed = true;
      for (const cancel of timers) cancel();
      timers.clear();
      try {
        view.close();
      } finally {
        const bytes = stage.leave();
        if (bytes.length > 0) send(bytes);
        stage.close();
      }
    },
    get memory() {
      return stage.memory;
    },
  };
}

/** Makes what a session worker opens screens with. */
export function screenOpener(kernel: WebAssembly.Module | undefined, openView: OpenView): OpenHostedScreen {
  return ({ screen, cols, rows, mode, term, workspace, session, initialPrompt, yolo, state }, port) =>
    openScreen(
      {
        screen,
        cols,
        rows,
        mode,
        term,
        workspace,
        ...(session === undefined ? {} : { session }),
        ...(initialPrompt === undefined ? {} : { initialPrompt }),
        ...(yolo ? { yolo } : {}),
        ...(state === undefined ? {} : { state }),
      },
      kernel,
      openView,
      port,
    );
}
