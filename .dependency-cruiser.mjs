// The house of the design, checked: words <- parts <- {coordinator, session, ui} <- edges. Arrows point one way.
const words = "^src/(protocol|contracts|metrics)/";
const threads = "^src/(coordinator|session|ui)/";

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } } },
    {
      name: "words-import-words",
      severity: "error",
      from: { path: words },
      to: { path: "^(src|workers)/", pathNot: `${words}|^src/globals` },
    },
    {
      name: "parts-import-words",
      severity: "error",
      comment: "a part knows words, itself and kernels' wrappers",
      from: { path: "^src/([^/]+)/", pathNot: `${words}|${threads}|^src/(server|sdk|client|web|cli|profiling|build)/` },
      to: { path: "^(src|workers)/", pathNot: `${words}|^src/kernels/|^src/$1/|^src/terminal/width` },
    },
    {
      name: "coordinator-alone",
      severity: "error",
      from: { path: "^src/coordinator/" },
      to: { path: "^src/(session|ui|server|sdk|client|cli|tools|config|prompt|shell|providers)/|^workers/" },
    },
    {
      name: "session-alone",
      severity: "error",
      from: { path: "^src/session/" },
      to: { path: "^src/(coordinator|ui|server|sdk|client|cli|tools|config|prompt|shell)/|^workers/" },
    },
    {
      name: "ui-knows-little",
      severity: "error",
      from: { path: "^src/ui/" },
      to: { path: "^src/", pathNot: `${words}|^src/(ui|terminal|kernels)/` },
    },
    {
      name: "store-writer-alone",
      severity: "error",
      from: { path: "^src/store/writer" },
      to: { path: "^src/", pathNot: `${words}|^src/store/` },
    },
    {
      name: "server-by-interface",
      severity: "error",
      from: { path: "^src/server/" },
      to: { path: "^(src|workers)/", pathNot: `${words}|^src/server/` },
    },
    {
      name: "sdk-imports-protocol",
      severity: "error",
      from: { path: "^src/sdk/" },
      to: { path: "^(src|workers)/", pathNot: "^src/(sdk|protocol)/" },
    },
    {
      name: "client-imports-sdk",
      severity: "error",
      from: { path: "^src/client/" },
      to: { path: "^(src|workers)/", pathNot: "^src/(client|sdk|terminal|protocol)/" },
    },
    {
      name: "nobody-imports-edges",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(server|sdk|client|cli|profiling)/" },
      to: { path: "^src/(server|sdk|client|cli|profiling)/" },
    },
    { name: "roots-put-together", severity: "error", from: { path: "^src/" }, to: { path: "^workers/" } },
    {
      name: "threads-named-once",
      severity: "error",
      comment: "piscina and worker_threads are named in coordinator/link only",
      from: { path: "^src/", pathNot: "^src/coordinator/link/" },
      to: { path: "(^|/)(piscina|worker_threads)(/|$)" },
    },
    {
      name: "tools-touch-nothing",
      severity: "error",
      from: { path: "^src/tools/" },
      to: { path: "^(node:)?(fs|child_process|net|http|https|worker_threads)(/|$)" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^dist/" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: [".ts", ".mjs", ".js"] },
  },
};
