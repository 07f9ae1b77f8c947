import { closeSync, createReadStream, existsSync, openSync, readSync, realpathSync, statSync } from "node:fs"
import { join, sep } from "node:path"
import type { ReadRange } from "./formats.ts"
import { appidOf, isListed, type ObjectStore } from "./objects.ts"

/**
 * Objects as files `<directory>/<bucket-appid>/<key>`. Private are those that `privateObjects` lists, those with a
 * file `<key>.private` beside them, and those of a bucket with a file `.private`; such files are no objects
 * themselves. Nothing outside of a bucket's directory is found, whatever the key and wherever links lead.
 */
export function objectFiles(directory: string, privateObjects: readonly string[]): ObjectStore {
  return {
    find(bucket, key) {
      if (appidOf(bucket) === undefined) return "NoSuchBucket"
      const root = realpathOf(join(directory, bucket))
      if (root === undefined || !statSync(root).isDirectory()) return "NoSuchBucket"
      const steps = key.split("/")
      const odd = steps.some((step) => step === "" || step === "." || step === ".." || step.includes("\0"))
      if (odd || key.endsWith(".private")) return "NoSuchKey"
      const path = realpathOf(join(root, ...steps))
      if (path === undefined || !path.startsWith(root + sep)) return "NoSuchKey"
      const stats = statSync(path)
      if (!stats.isFile()) return "NoSuchKey"
      const marked = existsSync(join(root, ".private")) || existsSync(`${join(root, ...steps)}.private`)
      return {
        identity: `${path}\0${stats.size}\0${stats.mtimeMs}\0${stats.ino}`,
        size: stats.size,
        modifiedMs: stats.mtimeMs,
        private: marked || isListed(privateObjects, bucket, key),
        read: rangeReader(path),
        stream: (start, end) => createReadStream(path, { start, end, highWaterMark: 1024 ** 2 }),
      }
    },
  }
}

/** Reads ranges of a file, opening it for each: few ranges decide about a format. */
function rangeReader(path: string): ReadRange {
  return (offset, length) => {
    const file = openSync(path, "r")
    try {
      const bytes = Buffer.alloc(length)
      return bytes.subarray(0, readSync(file, bytes, 0, length, offset))
    } finally {
      closeSync(file)
    }
  }
}

function realpathOf(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}
