/** Longer commands are programs; nobody could read them in a question either. Characters. */
export const commandLengthMax = 16_384;
/** Nesting of substitutions, groups and `sh -c`: deeper is an attack on the parser, not work. */
export const nestingMax = 24;
/** Simple commands in one line. */
export const commandsMax = 200;
/** Values that one argument may stand for (loop variables, braces, globs); more are not checked one by one. */
export const valuesMax = 4_096;
/** Directory entries read while one glob is expanded. */
export const globEntriesMax = 20_000;
/** Git configurations looked at for one command: the repository's, its worktrees' and its submodules'. */
export const gitConfigsMax = 64;
/** A local git configuration is a page; bigger is not read. Bytes. */
export const gitConfigBytesMax = 262_144;
/** An index of about 500,000 files; bigger is not searched for submodules. Bytes. */
export const gitIndexBytesMax = 67_108_864;
/** Directory entries looked at for links that lead out, before a search that follows links. About 50 ms. */
export const linkedEntriesMax = 20_000;
