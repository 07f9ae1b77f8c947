import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/support/again.ts"],
    // One file for each core at once; by itself vitest leaves one core out, of two half the machine.
    maxWorkers: "100%",
    // Nothing here is about how long a test takes: these end what hangs, on the slowest machine.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    // A proxy from the environment would swallow the loopback calls of the tests.
    env: { NO_COLOR: "1", http_proxy: "", HTTP_PROXY: "", https_proxy: "", HTTPS_PROXY: "" },
  },
})
