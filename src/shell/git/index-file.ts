/** Mode of an entry that is another repository. */
const modeOfSubmodule = 0o160000;

/** Paths of the submodules in an index file (versions 2 to 4, SHA-1 or SHA-256); undefined when it is not understood. */
export function submodulePaths(index: Buffer): string[] | undefined {
  return read(index, 20) ?? read(index, 32);
}

function read(index: Buffer, hashBytes: number): string[] | undefined {
  if (index.length < 12 || index.toString("latin1", 0, 4) !== "DIRC") return undefined;
  const version = index.readUInt32BE(4);
  if (version < 2 || version > 4) return undefined;
  const count = index.readUInt32BE(8);
  const found: string[] = [];
  let at = 12;
  let previous = "";
  for (let entry = 0; entry < count; entry++) {
    const start = at;
    at += 40 + hashBytes;
    if (at + 2 > index.length) return undefined;
    const flags = index.readUInt16BE(at);
    at += flags & 0x4000 ? 4 : 2;
    let name: string;
    if (version === 4) {
      let strip = 0;
      for (let first = true; ; first = false) {
        const byte = index[at++];
        if (byte === undefined) return undefined;
        strip = first ? byte & 0x7f : ((strip + 1) << 7) | (byte & 0x7f);
        if (!(byte & 0x80)) break;
      }
      const end = index.indexOf(0, at);
      if (end < 0 || strip > previous.length) return undefined;
      name = previous.slice(0, previous.length - strip) + index.toString("latin1", at, end);
      at = end + 1;
    } else {
      const end = index.indexOf(0, at);
      if (end < 0) return undefined;
      name = index.toString("latin1", at, end);
      at = start + ((end - start + 8) & ~7);
    }
    if (name === "" || ((flags & 0xfff) !== 0xfff && (flags & 0xfff) !== name.length)) return undefined;
    if ((index.readUInt32BE(start + 24) & 0o170000) === modeOfSubmodule) found.push(Buffer.from(name, "latin1").toString("utf8"));
    previous = name;
  }
  // What follows are extensions; `link` means that there are entries elsewhere.
  if (index.toString("latin1", at, at + 4) === "link") return undefined;
  return found;
}
