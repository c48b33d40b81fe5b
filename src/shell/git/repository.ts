/** Placeholder until the next commit of this folder: every repository is asked about. */
export function gitProblem(_cwd: string, _workspace: string): string | undefined {
  return "the repository has not been looked at";
}
