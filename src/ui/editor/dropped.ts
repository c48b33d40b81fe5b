// Files that are dragged into a terminal or copied in a file manager arrive as a paste of their path.

/** What is worth attaching of what may be dropped: of other paths one may just want to speak. */
const attached = /\.(?:png|jpe?g|gif|webp|pdf)$/i;

/** The path of a paste that is one file and nothing else: plain, quoted, with escaped blanks, or a file: address. */
export function droppedFile(pasted: string): string | undefined {
  const text = pasted.trim();
  if (text === "" || text.length > 4_096 || /[\r\n]/.test(text)) return undefined;
  const path = pathOf(text);
  return path !== undefined && /^(?:\/|[A-Za-z]:[\\/])/.test(path) && attached.test(path) ? path : undefined;
}

function pathOf(text: string): string | undefined {
  if (text.startsWith("file://")) {
    try {
      const { host, pathname } = new URL(text);
      return host === "" || host === "localhost" ? decodeURIComponent(pathname) : undefined;
    } catch {
      return undefined;
    }
  }
  const quoted = /^(?:'([^']+)'|"([^"]+)")$/.exec(text);
  if (quoted) return quoted[1] ?? quoted[2];
  // A blank that is not escaped separates words.
  return /(?<!\\)\s/.test(text) ? undefined : text.replace(/\\([^A-Za-z0-9])/g, "$1");
}
