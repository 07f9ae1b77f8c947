/** What is kept between two runs: the emulator's world, and what drift remembers. */
import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { loadState } from "../../../src/emulator/state.ts"
import { parseDriftState, sealDriftState } from "../../../src/plan/index.ts"
import { damaged, wrongValues } from "../mutate.ts"
import type { Reader } from "../reader.ts"

const IMAGE = {
  id: "img-0000000a",
  owner: "100000000001",
  region: "ap-singapore",
  sequence: 1,
  name: "base",
  description: "",
  state: "NORMAL",
  source: "EXTERNAL_IMPORT",
  architecture: "x86_64",
  osName: "Ubuntu",
  platform: "Ubuntu",
  sizeGiB: 20,
  license: "TencentCloud",
  family: "",
  deprecated: false,
  creator: "100000000001",
  cloudInit: true,
  snapshots: [{ id: "snap-0000000a", usage: "SYSTEM_DISK", sizeGiB: 20 }],
  tags: { app: "x" },
  shares: [{ accountId: "100000000002", at: 0 }],
  encrypted: false,
  createdAt: 0,
  visibleAt: 0,
}
const WORLD = {
  formatVersion: 1,
  epoch: { wall: 0, world: 0, speed: 1 },
  sequence: 2,
  seed: "s",
  images: [IMAGE, { ...IMAGE, id: "img-0000000b", name: "other", shares: [] }],
  tags: [["100000000001", "app", ["x"]]],
  leftSnapshots: ["snap-0000000b"],
}
const OPEN = {
  image: "a",
  account: "default",
  region: "ap-singapore",
  verdict: "drifted",
  reasons: ["attribute_changed:name"],
  changes: [{ field: "name", before: "a", after: "b" }],
  since: 0,
}
const DRIFT = {
  formatVersion: 1 as const,
  kind: "DriftState" as const,
  stack: "golden",
  stackId: "0123abcd",
  at: 0,
  open: [OPEN],
  seen: [{ image: "a", account: "default", region: "ap-singapore", imageId: "img-0000000a", at: 0 }],
  told: { hook: { at: 0, open: [OPEN] } },
}

export const emulatorStates: Reader = {
  name: "emulator states",
  input(r) {
    if (r.chance(0.5)) return damaged(r, Buffer.from(JSON.stringify(WORLD)))
    return Buffer.from(JSON.stringify(wrongValues(r, WORLD)) ?? "")
  },
  read(input, { folder }) {
    const path = join(folder, "state.json")
    writeFileSync(path, input)
    try {
      const loaded = loadState(path)
      return { written: [String(loaded?.world.sequence)] }
    } catch (error) {
      // Errors with a code are told as they are; others would be an internal error.
      if ((error as NodeJS.ErrnoException).code === undefined) throw error
      return { written: [(error as Error).message] }
    } finally {
      rmSync(path)
    }
  },
}

export const driftStates: Reader = {
  name: "drift states",
  input(r) {
    const good = sealDriftState(DRIFT as unknown as Parameters<typeof sealDriftState>[0])
    if (r.chance(0.4)) return damaged(r, Buffer.from(JSON.stringify(good)))
    return Buffer.from(
      JSON.stringify(sealDriftState(wrongValues(r, DRIFT) as Parameters<typeof sealDriftState>[0])),
    )
  },
  read(input) {
    const state = parseDriftState(input.toString("utf8"), "0123abcd")
    return { written: [typeof state === "string" ? state : JSON.stringify(state)] }
  },
}
