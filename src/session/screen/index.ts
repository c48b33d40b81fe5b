export { openScreen, type Screen, type ScreenOptions, screenOpener } from "./screen.ts";
