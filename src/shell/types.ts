export type ShellKind = "bash" | "powershell";

/** `deny` is never run, whatever anybody answers; `pattern` is the rule that "always" would save. */
export type Verdict = { decision: "allow" | "ask" | "deny"; why: string; pattern?: string };

export type CheckRequest = {
  command: string;
  shell: ShellKind;
  /** Absolute: the workspace. What lies in it may be read. */
  cwd: string;
  /** `bash`, `bash:execute`, `bash(git status *)`; others are passed over. */
  rules: readonly string[];
  /** What the command would see; of this process when absent. */
  env?: { PATH?: string; HOME?: string };
};

export interface Judge {
  /** Never throws: what cannot be judged is asked about. Reads directories and git configuration, changes nothing. */
  check(request: CheckRequest): Promise<Verdict>;
}
