import { defineConfig } from "vitest/config"

const all = "test/**/*.test.ts"
/** The randomised proof takes every core by itself: it has them after the other tests, not beside them. */
const proof = "test/chaos/chaos.test.ts"

export default defineConfig({
  test: {
    setupFiles: ["test/support/again.ts"],
    // One file for each core at once; by itself vitest leaves one core out, of two half the machine.
    maxWorkers: "100%",
    // Nothing here is about how long a test takes: these end what hangs, on the slowest machine.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    // A proxy from the environment would swallow the loopback calls of the tests.
    env: { NO_COLOR: "1", http_proxy: "", HTTP_PROXY: "", https_proxy: "", HTTPS_PROXY: "" },
    projects: [
      {
        extends: true,
        test: { name: "tests", include: [all], exclude: [proof], sequence: { groupOrder: 0 } },
      },
      { extends: true, test: { name: "proof", include: [proof], sequence: { groupOrder: 1 } } },
    ],
  },
})
