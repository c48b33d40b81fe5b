/** Crush's numbers: of a large window so many tokens are left for the answer, of another one this share. */
const largeWindow = 200_000;
const largeLeftTokens = 20_000;
const leftShare = 0.2;

/** Tokens of a model's window that a prompt should leave: what goes beyond is compacted. Units are tokens; 0 for a window that is not known. */
export const contextLeft = (window: number): number => (window > largeWindow ? largeLeftTokens : Math.ceil(window * leftShare));
