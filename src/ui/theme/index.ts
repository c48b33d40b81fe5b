import type { ThemeChoice } from "../../protocol/index.ts";
import { ansi } from "./ansi.ts";
import { dark } from "./dark.ts";
import { light } from "./light.ts";
import { restyled } from "./parse.ts";
import type { Theme } from "./theme.ts";

export type { Theme } from "./theme.ts";

/** The theme for a terminal's background; dark when it did not say. */
export function themeFor(isLight: boolean | undefined): Theme {
  return isLight ? light : dark;
}

/** The theme of a configuration, and what of a user's file is no style. */
export function chosenTheme(choice: ThemeChoice, isLight: boolean | undefined): { theme: Theme; problems: string[] } {
  const named: Record<string, Theme> = { dark, light, ansi };
  const base = named[choice.base ?? choice.name] ?? themeFor(isLight);
  return choice.styles === undefined ? { theme: base, problems: [] } : restyled(base, choice.styles);
}
