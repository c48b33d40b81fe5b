import fs from "node:fs";
import { defineConfig } from "vitest/config";

export default defineConfig({
  define: { __BUILD_ID__: '"test"', __VERSION__: '"0.0.0-test"' },
  plugins: [
    {
      // Text for the model (.md) and SQL are files of their own; the bundler makes strings of them, and so does this.
      name: "text-files",
      enforce: "pre",
      load(id) {
        if (/\.(md|sql)$/.test(id)) return `export default ${JSON.stringify(fs.readFileSync(id, "utf8"))}`;
      },
    },
  ],
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    reporters: ["default", "./test/support/closing-line.ts"],
    // A busy machine is slow, not wrong.
    testTimeout: 40_000,
    hookTimeout: 40_000,
    setupFiles: ["test/support/property-seed.ts"],
    // Tests of workers, servers and clients run what `npm run build` made: dist/ is part of the test, as it is of the product.
    globalSetup: ["test/support/build-is-fresh.ts"],
  },
});
