import { dark } from "./dark.ts";
import { light } from "./light.ts";
import type { Theme } from "./theme.ts";

export type { Theme } from "./theme.ts";

/** The theme for a terminal's background; dark when it did not say. */
export function themeFor(isLight: boolean | undefined): Theme {
  return isLight ? light : dark;
}
