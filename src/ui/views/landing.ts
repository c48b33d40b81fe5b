import type { App } from "../app.ts";
import { blank, indented, type Line, line, span } from "../layout/line.ts";
import { wrap } from "../layout/wrap.ts";
import { shortPath } from "./status.ts";

/** What is shown before there is a session: where, with which model, and how to connect one. */
export function landingLines(app: App, width: number): Line[] {
  const { theme } = app;
  const room = Math.max(1, width - 2);
  const out: Line[] = [
    line(span("Crush", theme.markdown.heading), span("  a coding agent in your terminal", theme.muted)),
    blank,
    ...wrap([{ text: shortPath(app.host.workspace, room), style: theme.statusStrong }], room),
  ];
  const model = app.model;
  if (!app.models.loaded) out.push(line(span("Looking for models…", theme.faint)));
  else if (app.models.demo) out.push(...connectLines(app, room));
  else if (model) out.push(line(span("● ", theme.success), span(model.name, theme.text), span(`  ${model.providerName}`, theme.muted)));
  else if (app.modelRef) out.push(line(span("● ", theme.success), span(`${app.modelRef.provider}/${app.modelRef.model}`, theme.text)));
  else out.push(...connectLines(app, room));
  if (app.plan) out.push(line(span("plan mode: nothing is changed before you approve a plan", theme.secondary)));
  if (app.yolo) out.push(line(span("yolo: every call is allowed without asking", theme.warning)));
  out.push(
    blank,
    ...wrap(
      [
        {
          text: `Type a prompt and press ${app.keys.hint("enter")}. ${app.keys.hint("ctrl+s")} sessions, ${app.keys.hint("ctrl+p")} commands, @ files, / commands.`,
          style: theme.faint,
        },
      ],
      room,
    ),
  );
  return out.map((each) => indented(1, each));
}

function connectLines(app: App, width: number): Line[] {
  const { theme } = app;
  const say = (text: string, style = theme.text): Line[] => wrap([{ text, style }], width);
  return [
    ...(app.models.demo
      ? say("No model is connected: a scripted demo answers. It really reads this directory, but it is no model.", theme.warning)
      : say("No model is connected.", theme.warning)),
    blank,
    ...say("Press enter to connect one: choose a provider, paste its key. Later: /connect.", theme.strong),
    ...say(
      "Or set OPENAI_API_KEY, ANTHROPIC_API_KEY, … before you start Crush. Ollama, LM Studio and llama.cpp on this machine are found by themselves.",
      theme.muted,
    ),
  ];
}
