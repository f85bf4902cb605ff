#!/usr/bin/env node
// Starts the command line. In a checkout that was never built, it builds first: `npm ci` is enough to begin.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const main = new URL("../dist/main.js", import.meta.url);
if (!existsSync(main)) {
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  const build = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-b", "packages/cli"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  if (build.status !== 0) {
    process.stderr.write(
      "snellen: not built, and building failed; run `npm ci && npm run build` in the checkout.\n",
    );
    process.exit(1);
  }
}
// `snellen … | head` closes our output early: that is no failure.
process.stdout.on("error", (error) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});
const { run } = await import(main.href);
process.exitCode = await run(process.argv.slice(2));
