import { z } from "zod";
import { cut } from "../shared/text.ts";

/** Of Sourcegraph's GraphQL schema what we ask for. */
export const graphql = `query Search($query: String!) {
  search(query: $query, version: V2, patternType: keyword) {
    results {
      matchCount
      limitHit
      alert { title description }
      results {
        __typename
        ... on FileMatch {
          repository { name }
          file { path url content }
          lineMatches { preview lineNumber }
        }
      }
    }
  }
}`;

const match = z.object({
  __typename: z.string(),
  repository: z.object({ name: z.string() }).optional(),
  file: z.object({ path: z.string(), url: z.string(), content: z.string().nullish() }).optional(),
  lineMatches: z.array(z.object({ preview: z.string(), lineNumber: z.number() })).nullish(),
});
const answer = z.object({
  errors: z.array(z.object({ message: z.string() })).nullish(),
  data: z
    .object({
      search: z
        .object({
          results: z.object({
            matchCount: z.number(),
            limitHit: z.boolean(),
            alert: z.object({ title: z.string(), description: z.string().nullish() }).nullish(),
            results: z.array(match),
          }),
        })
        .nullish(),
    })
    .nullish(),
});

/** Matching lines of one file that are shown: more of the same helps nobody. */
const linesOfFileMax = 10;
const lineCharsMax = 500;
const answerCharsMax = 100 << 10;

/** The answer as a model reads it. @throws SyntaxError, ZodError when it is none */
export function readAnswer(body: string, options: { count: number; context: number }): { text: string; isError: boolean } {
  const { errors, data } = answer.parse(JSON.parse(body));
  if (errors?.length) return { text: `Sourcegraph refused the query: ${errors.map(({ message }) => message).join("; ")}`, isError: true };
  const results = data?.search?.results;
  if (results === undefined) return { text: "Sourcegraph gave no results.", isError: true };
  const files = results.results.filter(({ __typename, file }) => __typename === "FileMatch" && file !== undefined);
  const note = results.alert ? `${results.alert.title}${results.alert.description ? `: ${results.alert.description}` : ""}\n` : "";
  if (files.length === 0) return { text: `${note}Nothing was found.`, isError: false };
  const shown = files.slice(0, options.count);
  const head = `${note}${results.matchCount} matches${results.limitHit ? " (more exist: narrow the query)" : ""}, ${shown.length} of ${files.length} files:`;
  return { text: cut([head, ...shown.map((one) => fileText(one, options.context))].join("\n\n"), answerCharsMax), isError: false };
}

function fileText({ repository, file, lineMatches }: z.output<typeof match>, context: number): string {
  const lines = file!.content?.split("\n");
  const head = `${repository?.name ?? "?"}: ${file!.path}\nhttps://sourcegraph.com${file!.url}`;
  const matched = (lineMatches ?? []).slice(0, linesOfFileMax);
  if (lines === undefined) return [head, ...matched.map(({ preview, lineNumber }) => row(lineNumber, preview, true))].join("\n");
  // Windows that touch are one.
  const hits = new Set(matched.map(({ lineNumber }) => lineNumber));
  const wanted = new Set<number>();
  for (const hit of hits) for (let at = Math.max(0, hit - context); at <= Math.min(lines.length - 1, hit + context); at++) wanted.add(at);
  const rows: string[] = [];
  let last = -1;
  for (const at of [...wanted].sort((a, b) => a - b)) {
    if (last >= 0 && at > last + 1) rows.push("  …");
    rows.push(row(at, lines[at]!, hits.has(at)));
    last = at;
  }
  return [head, ...rows].join("\n");
}

const row = (index: number, text: string, isHit: boolean): string =>
  `${isHit ? ">" : " "} ${String(index + 1).padStart(5)}| ${cut(text.trimEnd(), lineCharsMax)}`;
