import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // A proxy from the environment would swallow the loopback calls of the tests.
    env: { NO_COLOR: "1", http_proxy: "", HTTP_PROXY: "", https_proxy: "", HTTPS_PROXY: "" },
  },
})
