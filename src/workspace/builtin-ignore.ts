/** Never of interest: version control, dependencies, caches. */
export const ignoredAlways: readonly string[] = [
  ".git/", ".svn/", ".hg/", ".jj/", ".bzr/", "CVS/", ".vscode/", ".idea/", "node_modules/", "bower_components/", "__pycache__/", ".cache/", ".tmp/",
  ".crush/", ".local/", ".venv/", ".tox/", ".nox/", ".mypy_cache/", ".pytest_cache/", ".ruff_cache/", ".gradle/", ".terraform/", ".next/", ".nuxt/",
  ".svelte-kit/", ".turbo/", ".parcel-cache/", ".nyc_output/", ".DS_Store", "Thumbs.db", "*.pyc", "*.swp", "*.swo", "*~",
];

/**
 * Usually generated. Only where the workspace has no .gitignore of its own: a project that says what it generates is believed,
 * and many keep sources in bin/ or vendor/.
 */
export const ignoredWithoutGitignore: readonly string[] = [
  "target/", "build/", "dist/", "out/", "bin/", "obj/", "vendor/", "venv/", "env/", "coverage/", "logs/", "generated/", "tmp/", "*.log", "*.lock", "*.o", "*.so",
  "*.class", "*.min.js", "*.min.css", "*.map",
];
