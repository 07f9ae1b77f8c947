/** One world with everything that a story needs: the service, the network, the clock, and what is noted and told. */
import type { RunFacts, Violation } from "../checker/facts.ts"
import { judgeWrite } from "../checker/writes.ts"
import { EventClock } from "./clock.ts"
import { Disk } from "./disk.ts"
import { type Manifests, someManifests } from "./manifests.ts"
import { Network } from "./network.ts"
import { decree, populate } from "./people.ts"
import { Random } from "./random.ts"
import type { Tampering } from "./safeguards.ts"
import { someBehaviour } from "./scene.ts"
import { Server, type Written } from "./server.ts"

export interface SimulationOptions {
  readonly tampering?: Tampering
  /**
   * Decisions that are left out: `c12` (what happened to a call), `i3` (to an import), and of a round `v` (a change
   * of the manifests), `w` (its weather), `k` (a kill), `t` (a second host), `s` (an interrupt), `p` (a pause before
   * yes), `m` (what somebody did), `o` (an outage), each with the round's number.
   */
  readonly muted?: ReadonlySet<string>
  /** Rounds with trouble at most. */
  readonly rounds?: number
  readonly trace?: boolean
}

export class Stage {
  readonly violations: Violation[] = []
  readonly trace: string[] = []
  readonly server: Server
  readonly clock: EventClock = new EventClock()
  readonly random: Random
  readonly network: Network
  readonly options: SimulationOptions
  readonly muted: ReadonlySet<string>
  readonly pageSize: number
  readonly poll: { readonly minMs: number; readonly maxMs: number }
  readonly fenced: boolean
  /** The journals of the host; undefined: nothing survives a run there. */
  readonly disk: Disk | undefined
  manifests: Manifests
  runs = 0
  kills = 0
  wild = 0
  /** Something may be under way that nobody remembers. */
  uncertain = false
  /** Another host applies too, and knows nothing of this one's journal. */
  elsewhere = false
  /** Imports to which something was done. */
  readonly decreed: string[] = []
  private imports = 0

  readonly tell: (law: string, text: string) => void = (law, text) => {
    this.note(() => `!!! ${law}: ${text}`)
    if (!this.violations.some((v) => v.law === law && v.text === text)) this.violations.push({ law, text })
  }

  readonly note: (what: () => string) => void = (what) => {
    if (this.options.trace === true) this.trace.push(`${(this.clock.time / 1_000).toFixed(3)} ${what()}`)
  }

  constructor(seed: number, options: SimulationOptions) {
    this.options = options
    this.muted = options.muted ?? new Set()
    this.random = new Random(seed)
    this.manifests = someManifests(this.random.fork("manifests"))
    const { visibilityWindowMs } = this.manifests.stack.apply
    const behaviour = someBehaviour(this.random.fork("behaviour"), visibilityWindowMs)
    this.fenced = behaviour.duplicateNames !== "never"
    this.disk = this.random.fork("disk").chance(0.75) ? new Disk() : undefined
    this.server = new Server(this.clock, seed, behaviour)
    this.network = new Network(this.random.fork("network"), this.muted)
    this.poll = this.random.fork("poll").chance(0.1)
      ? { minMs: 1_000, maxMs: 15_000 }
      : { minMs: 2_000, maxMs: 120_000 }
    this.pageSize = this.random.fork("pages").pick([2, 5, 100, 100])
    populate(this.random.fork("world"), this.server, this.manifests)
    this.note(() => `behaviour ${JSON.stringify(behaviour)}`)
    this.note(() => `journal ${this.disk !== undefined}`)
    this.note(() => `settings ${JSON.stringify(this.manifests.stack.apply)}, pages of ${this.pageSize}`)
    this.showWorld()
  }

  wrote(run: RunFacts, written: Written): void {
    judgeWrite(this.server, run, written, this.tell)
    if (written.action !== "ImportImage") return
    this.imports += 1
    const { only } = this.network
    const place = `${written.account}/${written.region}`
    if (only !== undefined && only !== place) return
    const id = only === undefined ? `i${this.imports}` : `i ${String(written.parameters.ImageName)}`
    const image = this.server.images(written.account, written.region).get(written.imageIds[0] ?? "")
    if (image === undefined || this.muted.has(id)) return
    const what = decree(
      this.random.fork(id),
      this.server,
      this.clock,
      image,
      this.wild,
      this.manifests.stack.apply.visibilityWindowMs,
    )
    if (what === "") return
    this.decreed.push(id)
    this.note(() => `${id} ${what}`)
  }

  private showWorld(): void {
    for (const i of this.options.trace === true ? this.server.world.images() : []) {
      const { id, region, name, state, family, deprecated, description, tags, shares } = i
      this.note(() =>
        JSON.stringify({ id, region, name, state, family, deprecated, description, tags, shares }),
      )
    }
  }
}
