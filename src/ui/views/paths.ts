export const asDirectory = (path: string): string => (path.endsWith("/") ? path : `${path}/`);

/** A path as one writes it in the workspace; one outside of it stays as it is. */
export function nameIn(workspace: string, path: string): string {
  const inside = asDirectory(workspace);
  return path.startsWith(inside) ? path.slice(inside.length) : path;
}
