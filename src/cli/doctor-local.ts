/** What doctor finds on this machine: Node, the proxy, `.cvmimg`, git, the lock and the journals. Writes nothing. */
import { execFile } from "node:child_process"
import { accessSync, constants } from "node:fs"
import { join } from "node:path"
import { checkPlace, placeOf } from "../apply/journal-place.ts"
import { readJournals } from "../apply/journal-read.ts"
import { lockHolder } from "../apply/lock.ts"
import { isLoopback, originOf } from "../cloud/hosts.ts"
import { proxyFor } from "../cloud/proxy.ts"
import type { Finding } from "../model/doctor.ts"
import type { Site } from "../model/stack.ts"
import { systemMessage } from "../model/system-error.ts"
import { counted } from "../report/value.ts"
import type { Io } from "./io.ts"

/** As in package.json. */
const LEAST_NODE = [20, 19] as const

export function examineNode(version: string = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  const old = major < LEAST_NODE[0] || (major === LEAST_NODE[0] && minor < LEAST_NODE[1])
  const message = `Node.js ${version}`
  if (!old) return { check: "node", status: "ok", message }
  return { check: "node", status: "error", message, advice: `use Node.js ${LEAST_NODE.join(".")} or newer` }
}

/** The proxy for the service's main host. Its user and password are not shown. */
export function examineProxy(io: Io, site: Site, endpoint: string | undefined): Finding {
  const { env } = io
  try {
    const target = originOf(site, "cvm", undefined, endpoint)
    const proxy = proxyFor(target, env)
    if (proxy !== undefined)
      return { check: "proxy", status: "ok", message: `${proxy.protocol}//${proxy.host}` }
    const chosen = (env.https_proxy || env.HTTPS_PROXY || "") !== ""
    const unused = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"].find(
      (name) => (env[name] ?? "") !== "",
    )
    if (unused === undefined || chosen || isLoopback(target.hostname)) {
      return { check: "proxy", status: "ok", message: `none is used for ${target.host}` }
    }
    return {
      check: "proxy",
      status: "warning",
      message: `none is used for ${target.host}: ${unused} means nothing here`,
      advice: "set HTTPS_PROXY, if the service is reached only through a proxy",
    }
  } catch (error) {
    return {
      check: "proxy",
      status: "error",
      message: error instanceof TypeError ? "the setting is no URL of a proxy" : systemMessage(error),
      advice: "write HTTPS_PROXY as http://HOST:PORT; see docs/credentials.md for endpoints and proxies",
    }
  }
}

/** What is on disc beside the stack. */
export async function examinePlace(io: Io, directory: string): Promise<Finding[]> {
  return [
    examineFolder(directory),
    await examineGit(directory),
    examineLock(directory),
    examineJournal(io, directory),
  ]
}

function examineFolder(directory: string): Finding {
  const place = placeOf(directory)
  try {
    const there = checkPlace(place)
    accessSync(there ? place : directory, constants.W_OK | constants.X_OK)
    const message = there ? ".cvmimg can be written" : ".cvmimg is not there yet; apply makes it"
    return { check: "place", status: "ok", message }
  } catch (error) {
    const advice = "apply keeps its journal there: let this user write to it"
    return { check: "place", status: "error", message: systemMessage(error), advice }
  }
}

async function examineGit(directory: string): Promise<Finding> {
  const inside = await git(directory, ["rev-parse", "--is-inside-work-tree"])
  if (inside.code !== 0) {
    return {
      check: "git",
      status: "skipped",
      message: "the stack is in no git repository, or git is not there",
    }
  }
  const tracked = await git(directory, ["ls-files", "--", ".cvmimg"])
  if (tracked.stdout.trim() !== "") {
    return {
      check: "git",
      status: "warning",
      message: "files of .cvmimg are in the repository",
      advice: "take them out with git rm -r --cached .cvmimg, and write .cvmimg/ to .gitignore",
    }
  }
  const ignored = await git(directory, ["check-ignore", "-q", ".cvmimg/journal"])
  if (ignored.code === 0) return { check: "git", status: "ok", message: ".cvmimg is ignored" }
  if (!checkedPlace(directory)) {
    return {
      check: "git",
      status: "ok",
      message: ".cvmimg is not there yet; it ignores itself when apply makes it",
    }
  }
  return {
    check: "git",
    status: "warning",
    message: ".cvmimg is not ignored",
    advice: "write .cvmimg/ to .gitignore: journals are of this machine",
  }
}

function checkedPlace(directory: string): boolean {
  try {
    return checkPlace(placeOf(directory))
  } catch {
    return true
  }
}

function git(
  directory: string,
  args: readonly string[],
): Promise<{ readonly code: number; readonly stdout: string }> {
  return new Promise((resolve) => {
    // Nothing of the repository's settings is to run anything.
    const safe = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"]
    execFile("git", [...safe, ...args], { cwd: directory, timeout: 10_000 }, (error, stdout) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1
      resolve({ code, stdout })
    })
  })
}

function examineLock(directory: string): Finding {
  try {
    const holder = lockHolder(directory)
    if (holder === undefined) return { check: "lock", status: "ok", message: "nobody holds the stack" }
    const since = new Date(holder.since).toISOString()
    const message = `process ${holder.pid} has held the stack since ${since}`
    return { check: "lock", status: "warning", message, advice: "apply and wait have to wait until it ends" }
  } catch (error) {
    const advice = `look at ${join(placeOf(directory), "lock")}`
    return { check: "lock", status: "error", message: systemMessage(error), advice }
  }
}

function examineJournal(io: Io, directory: string): Finding {
  try {
    const { past, files } = readJournals(directory, io.clock.now())
    const left = past.open.length + past.unfinished.length
    const damaged = files.filter((file) => file.damage === "broken").map((file) => file.path)
    if (damaged.length > 0) {
      const message = `not readable to their ends: ${damaged.join(", ")}`
      return {
        check: "journal",
        status: "warning",
        message,
        advice: "cvmimg plan looks in the cloud itself; docs/journal.md tells more",
      }
    }
    if (left > 0) {
      const message = `${counted(left, "placement")} of earlier runs may still be under way`
      return { check: "journal", status: "warning", message, advice: "go on with: cvmimg wait" }
    }
    const message =
      files.length === 0 ? "no run was recorded here" : `${counted(files.length, "run")}, nothing left open`
    return { check: "journal", status: "ok", message }
  } catch (error) {
    return { check: "journal", status: "error", message: systemMessage(error), advice: "see docs/journal.md" }
  }
}
