import { explain } from "../../plan/index.ts"
import { renderExplanation, renderExplanationJson } from "../../report/explain.ts"
import { choicesOf } from "../choices.ts"
import { EXIT, UsageError } from "../exit.ts"
import type { Io } from "../io.ts"
import { loadStackOf } from "../load.ts"
import { parseOutputs, writeOutputs } from "../outputs.ts"
import { planDesired } from "../world.ts"

export interface ExplainOptions {
  readonly output: readonly string[]
  readonly offline?: boolean
  readonly region?: readonly string[]
  readonly account?: readonly string[]
  readonly endpoint?: string
}

/** Says where an image's values come from and why its placements are planned as they are. */
export async function explainCommand(
  io: Io,
  image: string,
  dir: string,
  options: ExplainOptions,
): Promise<number> {
  const requests = parseOutputs(options.output, ["text", "json"])
  const loaded = await loadStackOf(io, dir)
  if (typeof loaded === "number") return loaded
  const { desired } = loaded
  const wanted = desired.placements.filter(
    (p) =>
      p.image === image &&
      (options.region === undefined || options.region.includes(p.region)) &&
      (options.account === undefined || options.account.includes(p.account)),
  )
  if (wanted.length === 0) {
    const images = [...new Set(desired.placements.map((p) => p.image))].sort()
    throw new UsageError(`no image '${image}' there; the stack has ${images.join(", ")}`)
  }
  const planned =
    options.offline === true
      ? undefined
      : await planDesired(io, desired, {
          choices: choicesOf({ ...options, image: [image] }),
          checks: true,
          rehearse: false,
          ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
        })
  planned?.cloud.close()
  const explanations = wanted.map((p) => {
    const action = planned?.plan.actions.find(
      (a) => a.image === p.image && a.account === p.account && a.region === p.region,
    )
    return explain(p, desired.stack, planned?.observed, action)
  })
  writeOutputs(io, requests, {
    text: (to) => renderExplanation(explanations, to),
    json: () => renderExplanationJson(explanations),
  })
  return EXIT.done
}
