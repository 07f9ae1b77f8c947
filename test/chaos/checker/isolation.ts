/** I10: what became of the places in which nothing went wrong, compared with what becomes of them when nothing does. */
import type { ImageRecord } from "../../../src/emulator/world.ts"
import type { Desired } from "../../../src/model/desired.ts"
import type { Result } from "../../../src/model/outcome.ts"
import type { Server } from "../support/server.ts"
import { hashOf, nameHash, type Violation } from "./facts.ts"

export interface Outcome {
  readonly server: Server
  readonly desired: Desired
  readonly rows: readonly Result[]
}

/** `place`: the account and region (`account/region`) in which something went wrong in the second run. */
export function compareElsewhere(calm: Outcome, troubled: Outcome, place: string): readonly Violation[] {
  const held = new Held(calm, troubled, place)
  const [is, was] = [rowsOf(troubled, place, held), rowsOf(calm, place, held)]
  const [stands, stood] = [imagesOf(troubled, place, held), imagesOf(calm, place, held)]
  return [
    ...differences(is, was, (row) => `trouble in ${place} changed a row: ${row}`),
    ...differences(stands, stood, (image) => `trouble in ${place} changed an image: ${image}`),
  ].map((text) => ({ law: "I10", text }))
}

/**
 * Images of which nothing is retired anywhere, since an import of them or of their family failed in the place of the
 * trouble; in the calm run as well, where it failed by itself.
 */
class Held {
  private readonly hashes = new Set<string>()
  private readonly families = new Set<string>()
  /** Hashes of the names of images that want or have a family of which an import failed. */
  private readonly members = new Set<string>()

  constructor(calm: Outcome, troubled: Outcome, place: string) {
    for (const { rows, desired } of [calm, troubled]) {
      for (const row of rows) {
        if (row.outcome === "done" || `${row.account}/${row.region}` !== place) continue
        this.hashes.add(nameHash(row.image))
        for (const p of desired.placements) {
          if (p.image === row.image && p.family !== undefined) this.families.add(p.family)
        }
      }
    }
    for (const { image, family } of [...calm.desired.placements, ...troubled.desired.placements]) {
      if (family !== undefined && this.families.has(family)) this.members.add(nameHash(image))
    }
    // What is to be retired may have a family that its manifest wants no more.
    for (const { server } of [calm, troubled]) {
      for (const image of server.world.images()) {
        if (image.family !== "" && this.families.has(image.family)) this.members.add(hashOf(image))
      }
    }
  }

  hasImageOf({ image }: Result): boolean {
    const hash = nameHash(image)
    return this.hashes.has(hash) || this.members.has(hash)
  }

  hasImage(image: ImageRecord): boolean {
    return this.hashes.has(hashOf(image)) || (image.family !== "" && this.families.has(image.family))
  }
}

function rowsOf({ rows }: Outcome, place: string, held: Held): readonly string[] {
  return rows.flatMap((r) => {
    if (`${r.account}/${r.region}` === place) return []
    const retires = r.action === "deprecate" || r.action === "delete"
    if (retires && held.hasImageOf(r)) return []
    const where = `${r.action} of ${r.image} in ${r.account}/${r.region}`
    const why = r.reason ?? r.error?.code ?? ""
    // The new image stands, and only what it takes the place of is left.
    const stands = r.outcome === "done" || why === "import_not_done" || why === "not_retirable"
    if (r.action === "replace" && stands && held.hasImageOf(r)) return `${where} stands`
    return `${where}${retires ? ` (${r.imageId})` : ""} is ${r.outcome} ${why}`
  })
}

/** Ids are drawn in the order of all imports, so that new images are told by everything else. */
function imagesOf({ server }: Outcome, place: string, held: Held): readonly string[] {
  return server.world.images().flatMap((i) => {
    if (server.placeOf(i) === place || held.hasImage(i)) return []
    const { name, state, family, deprecated, description, tags, shares } = i
    const known = name.replace(/\.prev-img-[0-9a-z]{8}$/, ".prev")
    const sorted = Object.entries(tags).sort()
    const others = shares.map((s) => s.accountId).sort()
    return `${server.placeOf(i)} ${known} ${JSON.stringify({ state, family, deprecated, description, sorted, others })}`
  })
}

/** What is in the one and not in the other, counted. */
function differences(
  is: readonly string[],
  was: readonly string[],
  tell: (what: string) => string,
): readonly string[] {
  const left = [...was]
  const more = is.filter((what) => {
    const at = left.indexOf(what)
    if (at < 0) return true
    left.splice(at, 1)
    return false
  })
  return [...more.map((what) => tell(`now ${what}`)), ...left.map((what) => tell(`no more ${what}`))]
}
