/** Bytes as a person reads them. */
export const sizeWords = (bytes: number): string =>
  bytes < 1_024 ? `${bytes} B` : bytes < 1 << 20 ? `${Math.round(bytes / 1_024)} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`;
