export { openScreen, type Screen, type ScreenOptions, screenOpener } from "./screen.ts";
export { openSurface } from "./surface.ts";
