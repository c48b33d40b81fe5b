/** One hit of a search. */
export type SearchResult = { title: string; url: string; snippet: string };

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };
const plain = (html: string): string =>
  html
    .replace(/<[^>]*>/g, "")
    .replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w+));/gi, (all, decimal?: string, hex?: string, name?: string) => {
      const code = decimal !== undefined ? Number(decimal) : hex !== undefined ? Number.parseInt(hex, 16) : undefined;
      if (code !== undefined) return code <= 0x10ffff ? String.fromCodePoint(code) : all;
      return entities[name!.toLowerCase()] ?? all;
    })
    .replace(/\s+/g, " ")
    .trim();

/** Where a link of the search engine leads: it counts clicks by a redirection of its own. */
function target(href: string): string | undefined {
  const url = URL.parse(plain(href), "https://lite.duckduckgo.com/");
  if (url === null) return undefined;
  const real = url.hostname.endsWith("duckduckgo.com") ? URL.parse(url.searchParams.get("uddg") ?? "") : url;
  return real !== null && (real.protocol === "https:" || real.protocol === "http:") ? real.href : undefined;
}

/** The hits of a page of DuckDuckGo lite: rows with a link of class `result-link`, each followed by one of class `result-snippet`. */
export function readResults(html: string, max: number): SearchResult[] {
  const results: SearchResult[] = [];
  const links = [...html.matchAll(/<a\b([^>]*\bclass=['"]result-link['"][^>]*)>([\s\S]*?)<\/a>/gi)];
  for (const [index, link] of links.entries()) {
    if (results.length >= max) break;
    const href = /\bhref=(?:"([^"]*)"|'([^']*)')/i.exec(link[1]!);
    const url = href && target(href[1] ?? href[2] ?? "");
    if (!url) continue;
    const between = html.slice(link.index + link[0].length, links[index + 1]?.index);
    const snippet = /\bclass=['"]result-snippet['"][^>]*>([\s\S]*?)<\/td>/i.exec(between);
    results.push({ title: plain(link[2]!), url, snippet: plain(snippet?.[1] ?? "") });
  }
  return results;
}

/** The engine takes us for a robot and asks for a proof. */
export const isBotCheck = (html: string): boolean => /anomaly-modal|challenge-form|bots use DuckDuckGo too/i.test(html);
