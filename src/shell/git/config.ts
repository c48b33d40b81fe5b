import path from "node:path";

/** Settings of a repository that run nothing and lead nowhere. What is not here is asked about. */
const harmless = [
  /^core\.(repositoryformatversion|filemode|bare|logallrefupdates|ignorecase|precomposeunicode|symlinks|autocrlf|eol|safecrlf|quotepath|abbrev|untrackedcache|preloadindex|longpaths|protecthfs|protectntfs|checkstat|trustctime|compression|bigfilethreshold|whitespace|commentchar|sharedrepository|splitindex|sparsecheckout|sparsecheckoutcone|multipackindex|commitgraph|fscache|hidedotfiles|createobject|packedrefstimeout|filesreflocktimeout|excludesfile|attributesfile)$/,
  /^extensions\.(objectformat|worktreeconfig|refstorage|compatobjectformat|noop|relativeworktrees|preciousobjects)$/,
  /^remote\..+\.(url|pushurl|fetch|push|tagopt|prune|prunetags|mirror|skipdefaultupdate|skipfetchall|gh-resolved)$/s,
  /^remote\.pushdefault$/,
  /^branch\..+\.(remote|merge|mergeoptions|rebase|pushremote|description|vscode-merge-base|gh-merge-base|github-pr-owner-number)$/s,
  /^branch\.(autosetupmerge|autosetuprebase|sort)$/,
  /^user\.(name|email|signingkey|useconfigonly)$/,
  /^(author|committer)\.(name|email)$/,
  /^(commit|tag)\.gpgsign$/,
  /^(pull|push|fetch|rebase|merge|color|column|init|gc|pack|maintenance|status|index|feature|advice|rerere|stash|checkout|clone|log|format|am|apply|blame|grep|http|lfs|transfer|receive|protocol|help|i18n|user|versionsort|tag|notes|worktree)\.[a-z]+$/,
  /^color\..+\.[a-z0-9]+$/s,
  /^diff\.(renames|renamelimit|algorithm|colormoved|colormovedws|context|interhunkcontext|mnemonicprefix|noprefix|relative|statgraphwidth|submodule|ignoresubmodules|wserrorhighlight|indentheuristic|suppressblankempty|wordregex|dirstat|statnamewidth)$/,
  /^diff\..+\.(xfuncname|funcname|wordregex|binary)$/s,
  /^submodule\..+\.(url|active|update|branch|ignore|fetchrecursesubmodules|path)$/s,
  /^submodule\.(recurse|active|fetchjobs)$/,
  /^lfs\..+\.(access|locksverify)$/s,
];
/** Exceptions to the families above: each can run a program, or fetch. */
const harmful =
  /^(log\.showsignature|merge\.(tool|guitool|verifysignatures)|format\.(attach|pretty)|pretty\..*|http\.(proxy|sslcert|sslkey|cookiefile|extraheader|savecookies)|pack\.packsizelimit|help\.(autocorrect|browser)|gc\.recentobjectshook|receive\..*|blame\.ignorerevsfile|fetch\.(bundleuri|fsmonitor)|feature\.experimental|index\.(sparse|recordoffsettable)|rebase\.(instructionformat)|status\.(displaycommentprefix)|grep\.(fallbacktonoindex|openfilesinpager)|user\..*command|notes\..*command|submodule\.alternate.*|protocol\.allow|transfer\.bundleuri)$/;

export type ConfigFinding = { problem?: string; hooksPath?: string };

/** Reads a configuration as git does, and names the first setting that is not known to be harmless. */
export function configProblem(text: string, { worktree, gitDirectory }: { worktree: string; gitDirectory: string }): ConfigFinding {
  let section = "";
  let hooksPath: string | undefined;
  if (/[\0\r]/.test(text.replaceAll("\r\n", "\n"))) return { problem: "control characters" };
  for (let line of text.replace(/^\ufeff/, "").split(/\r?\n/)) {
    line = line.trim();
    const header = /^\[\s*([A-Za-z0-9.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\](.*)$/.exec(line);
    if (header) {
      section = header[1]!.toLowerCase() + (header[2] === undefined ? "" : `.${header[2].replace(/\\(.)/g, "$1")}`);
      line = header[3]!.trim();
    }
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
    const setting = /^([A-Za-z][A-Za-z0-9-]*)\s*(?:=\s*(.*))?$/.exec(line);
    if (setting === null || section === "" || line.endsWith("\\"))
      return { problem: `something that is not understood ("${line.slice(0, 40)}")` };
    const key = `${section}.${setting[1]!.toLowerCase()}`;
    const value = setting[2] ?? "";
    if (key === "core.hookspath") {
      if (!/^[\w./-]+$/.test(value)) return { problem: key };
      hooksPath = value;
    } else if (key === "core.worktree") {
      // A submodule's configuration names its own working tree.
      if (!/^[\w./-]+$/.test(value) || path.resolve(gitDirectory, value) !== worktree) return { problem: key };
    } else if (key === "core.fsmonitor") {
      if (!/^(false|no|off|0)$/i.test(value)) return { problem: key };
    } else if (/^remote\..+\.(url|pushurl)$/s.test(key)) continue;
    else if (harmful.test(key) || !harmless.some((pattern) => pattern.test(key))) return { problem: key };
  }
  return hooksPath === undefined ? {} : { hooksPath };
}
