// Builds what `bin` and `exports` name, bundled: dist/bin starts fast, dist/lib is the library with its types.
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { pathToFileURL } from "node:url"
import { build } from "esbuild"
import { toCommonJs } from "./commonjs.mjs"
import { notices } from "./notices.mjs"

const { version, dependencies, peerDependencies } = JSON.parse(readFileSync("package.json", "utf8"))
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

// Maps are for what is written by hand here; those of the libraries would be larger than it.
const EMPTY_MAP = Buffer.from('{"version":3,"sources":[""],"mappings":"AAAA"}').toString("base64")
const unmapped = (contents) => `${contents}\n//# sourceMappingURL=data:application/json;base64,${EMPTY_MAP}`

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
      return { contents: unmapped(contents) }
    })
  },
}

// Commander starts other programs for commands that are files of their own; there are none. With child_process come net,
// dgram and streams, a twentieth of a short command.
const lazyChildProcess = {
  name: "lazy-child-process",
  setup({ onLoad }) {
    onLoad({ filter: /commander[\\/]lib[\\/]command\.js$/ }, ({ path }) => {
      const eager = readFileSync(path, "utf8")
      const contents = eager
        .replace("const childProcess = require('node:child_process');", "")
        .replaceAll("childProcess.spawn(", "require('node:child_process').spawn(")
      if (contents.includes("childProcess")) {
        throw new Error("commander is not what it was: see lazyChildProcess in scripts/build.mjs")
      }
      return { contents: unmapped(contents) }
    })
  },
}

const noMapsOfOthers = {
  name: "no-maps-of-others",
  setup({ onLoad }) {
    onLoad({ filter: /node_modules[\\/].*\.[cm]?js$|\.gen\.ts$/ }, ({ path }) => ({
      loader: path.endsWith(".ts") ? "ts" : "js",
      contents: unmapped(readFileSync(path, "utf8")),
    }))
  },
}

/** Of all that shapes what reading a manifest gives, so that nothing is remembered from one build for another. */
function digestOfReading() {
  const digest = createHash("sha256").update(`${version} ${JSON.stringify(dependencies)}`)
  for (const file of readdirSync("src/manifest", { recursive: true }).sort((a, b) => (a < b ? -1 : 1))) {
    if (file.endsWith(".ts"))
      digest.update(file.replaceAll("\\", "/")).update(readFileSync(`src/manifest/${file}`))
  }
  return digest.digest("hex").slice(0, 16)
}

const common = {
  bundle: true,
  platform: "node",
  target: "node20.19",
  // Names stay as they are: a stack trace is worth more than a few bytes. `node --enable-source-maps` tells the lines.
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: "linked",
  sourcesContent: false,
  legalComments: "none",
  logLevel: "warning",
  metafile: true,
  define: {
    "process.env.CVMIMG_VERSION": JSON.stringify(version),
    "process.env.CVMIMG_BUILD": JSON.stringify(digestOfReading()),
  },
}
const modules = {
  ...common,
  format: "esm",
  splitting: true,
  plugins: [withoutSdkTransport, lazyStringWidth, lazyChildProcess, noMapsOfOthers],
  chunkNames: "chunks/[name]-[hash]",
  // Optional peer dependencies: loaded where they are installed and wanted.
  external: Object.keys(peerDependencies).flatMap((name) => [name, `${name}/*`]),
}
// The SDK and its dependencies are CommonJS and call require() for Node's own modules, and for no other.
const banner = { js: "const require = process.getBuiltinModule;" }

const built = [
  // The entry is a tiny CommonJS file: it answers --version by itself and loads the rest only when there is work.
  await build({
    ...common,
    outdir: "dist/bin",
    entryPoints: { cvmimg: "src/cli/bin.ts" },
    format: "cjs",
    outExtension: { ".js": ".cjs" },
  }),
  await build({
    ...modules,
    outdir: "dist/bin",
    entryPoints: { main: "src/cli/main.ts" },
    outExtension: { ".js": ".mjs" },
  }),
  await build({
    ...modules,
    banner,
    // Whoever debugs the library has its names; with maps the package would be larger than 5 MB.
    sourcemap: false,
    outdir: "dist/lib",
    entryPoints: { index: "src/index.ts", "emulator/index": "src/emulator/index.ts" },
  }),
]
await toCommonJs(built[1].metafile)
const { helps } = await import(pathToFileURL("dist/bin/main.cjs").href)
writeFileSync("dist/bin/help.json", JSON.stringify(helps({ stdout: {}, stderr: {} })))
chmodSync("dist/bin/cvmimg.cjs", 0o755)
writeFileSync("dist/THIRD-PARTY-NOTICES.txt", notices(built.map(({ metafile }) => metafile)))
execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.lib.json"], {
  stdio: "inherit",
})
