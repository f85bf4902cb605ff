// Tests run on the sources of the workspaces (the "source" export condition), never on a stale build; the app's run on the app as it is
// built.
import { defineConfig } from "vitest/config";

const shared = {
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source"], externalConditions: ["source"] } },
};
const test = { testTimeout: 60_000, pool: "forks", maxWorkers: 2 } as const;

export default defineConfig({
  test: {
    ...test,
    projects: [
      {
        ...shared,
        test: {
          ...test,
          name: "packages",
          include: ["packages/*/src/**/*.test.ts", "apps/web/src/**/*.test.ts", "tools/**/*.test.ts"],
        },
      },
      {
        ...shared,
        test: {
          ...test,
          name: "web",
          include: ["apps/web/tests/**/*.test.ts"],
          globalSetup: "apps/web/tests/support/build.ts",
          testTimeout: 180_000,
          hookTimeout: 120_000,
          // pages are waited for, however busy the machine is
          expect: { poll: { timeout: 60_000 } },
        },
      },
    ],
  },
});
