// Builds what `bin` and `exports` name: dist/bin (bundled, so that it starts fast) and dist/lib (plain modules with types).
import { execFileSync } from "node:child_process"
import { chmodSync, readFileSync, rmSync } from "node:fs"
import { build } from "esbuild"

const { version } = JSON.parse(readFileSync("package.json", "utf8"))
rmSync("dist", { recursive: true, force: true })

// The SDK's own HTTP client, node-fetch and all, is never used: src/cloud/transport.ts sends. Without it the SDK loads
// in a fifth of the time.
const withoutSdkTransport = {
  name: "without-sdk-transport",
  setup({ onLoad }) {
    onLoad({ filter: /tencentcloud[\\/]common[\\/]http[\\/]http_connection\.js$/ }, () => ({
      contents: "exports.HttpConnection = class {}",
    }))
  },
}

// To read the pattern of all emoji takes V8 as long as a quarter of a start of Node, a segmenter a tenth. Most texts are
// ASCII and need neither: they are made when they are first used.
const lazyStringWidth = {
  name: "lazy-string-width",
  setup({ onLoad }) {
    onLoad({ filter: /string-width[\\/]index\.js$/ }, ({ path }) => {
      const eager = readFileSync(path, "utf8")
      const contents = eager
        .replace(
          "const segmenter = new Intl.Segmenter();",
          "let intl; const segmenter = { segment: text => (intl ??= new Intl.Segmenter()).segment(text) };",
        )
        .replace(
          "const rgiEmojiRegex = /^\\p{RGI_Emoji}$/v;",
          'let rgi; const rgiEmojiRegex = { test: text => (rgi ??= new RegExp("^\\\\p{RGI_Emoji}$", "v")).test(text) };',
        )
      if (!contents.includes("let intl;") || !contents.includes("let rgi;")) {
        throw new Error("string-width is not what it was: see lazyStringWidth in scripts/build.mjs")
      }
      return { contents }
    })
  },
}

const common = {
  bundle: true,
  platform: "node",
  target: "node20.19",
  outdir: "dist/bin",
  sourcemap: false,
  legalComments: "none",
  logLevel: "warning",
  define: { "process.env.CVMIMG_VERSION": JSON.stringify(version) },
}

// The entry is a tiny CommonJS file: it answers --version by itself and loads the rest only when there is work.
await build({
  ...common,
  entryPoints: { cvmimg: "src/cli/bin.ts" },
  format: "cjs",
  outExtension: { ".js": ".cjs" },
  external: ["./main.mjs"],
})
await build({
  ...common,
  entryPoints: { main: "src/cli/main.ts" },
  format: "esm",
  splitting: true,
  plugins: [withoutSdkTransport, lazyStringWidth],
  // Optional peer dependencies: loaded where they are installed and a collector is named.
  external: ["@opentelemetry/*"],
  chunkNames: "chunks/[name]-[hash]",
  outExtension: { ".js": ".mjs" },
  // The SDK and its dependencies are CommonJS and call require() for Node's own modules.
  banner: {
    js: "import { createRequire as __cvmimgRequire } from 'node:module'; const require = __cvmimgRequire(import.meta.url);",
  },
})
chmodSync("dist/bin/cvmimg.cjs", 0o755)
execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.lib.json"], {
  stdio: "inherit",
})
