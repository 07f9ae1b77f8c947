#!/usr/bin/env node
/**
 * The entry of the binary: a tiny CommonJS file once built. It answers --version by itself, since that is what scripts
 * ask most often, and loads the rest only when there is work.
 */
import { VERSION } from "./version.ts"

const [first, ...others] = process.argv.slice(2)

if ((first === "--version" || first === "-V") && others.length === 0) {
  process.stdout.on("error", failed)
  process.stdout.write(`${VERSION}\n`)
} else {
  // Built beside this file as main.mjs; the path is not a module that the compiler can see.
  const main = "./main.mjs"
  void (import(main) as Promise<typeof import("./main.ts")>).then(({ main: run }) => run()).catch(failed)
}

/** What goes wrong before there is a command to tell it, such as a working directory that is gone. */
function failed(error: NodeJS.ErrnoException): void {
  process.exitCode = 1
  if (error.code !== "EPIPE") process.stderr.write(`cvmimg: ${error.message}\n`)
}
