/** The writing side of a cloud, each call of which is in the journal before it is sent and after its end. */
import type { Accepted, CloudWriter } from "../cloud/port.ts"
import type { Failure } from "../model/failure.ts"
import type { Scope } from "../model/placement.ts"
import type { Action } from "../model/plan.ts"
import { splitDescription } from "../model/provenance.ts"
import type { ImportRequest, InPlaceUpdate } from "../model/request.ts"
import { failureFrom } from "./failures.ts"
import { type Journal, journalFailure, type Outcome } from "./journal.ts"
import type { Parameters } from "./journal-record.ts"
import { IMPORT } from "./journal-state.ts"
import { Stop } from "./stop.ts"

type Reply = Accepted & { readonly imageId?: string }

/**
 * The same calls, in the journal. `action`: what they are part of; absent: of what the whole run needs. `unrecorded` is
 * told when the journal takes no more.
 */
export function journaled(
  cloud: CloudWriter,
  journal: Journal,
  action: Action | undefined,
  unrecorded: (failure: Failure) => void,
): CloudWriter {
  const what = action === undefined ? {} : { action: action.action, digest: action.digest }
  async function send<T extends Reply>(
    call: string,
    { account, region }: Scope,
    parameters: Parameters,
    make: () => Promise<T>,
  ): Promise<T> {
    const about = { image: action?.image ?? "", account, region }
    const refused = (error: unknown): never => {
      unrecorded(failureFrom(error))
      throw error
    }
    const attempt = await journal.intent({ ...about, call, ...what, parameters }).catch(refused)
    const told = async (outcome: Outcome): Promise<void> => {
      await journal.outcome(attempt, outcome)
      if (journal.failure !== undefined) unrecorded(journalFailure(about, journal.failure))
    }
    let reply: T
    try {
      reply = await make()
    } catch (error) {
      await told(outcomeOf(error))
      throw error
    }
    const { requestId, imageId } = reply
    await told({ type: "ACCEPTED", requestId, ...(imageId === undefined ? {} : { imageId }) })
    return reply
  }
  return {
    importImage: (scope, request, options) =>
      send(IMPORT, scope, importParameters(request, action), () =>
        cloud.importImage(scope, request, options),
      ),
    modifyImage: (scope, imageId, attributes, options) =>
      send("ModifyImageAttribute", scope, { imageId, ...attributeParameters(attributes) }, () =>
        cloud.modifyImage(scope, imageId, attributes, options),
      ),
    deleteImage: (scope, imageId, how, options) =>
      send("DeleteImages", scope, { imageId, snapshots: how.snapshots }, () =>
        cloud.deleteImage(scope, imageId, how, options),
      ),
    ensureTag: (account, key, value, options) =>
      send("CreateTag", { account, region: "" }, { key }, () =>
        cloud.ensureTag(account, key, value, options),
      ),
    modifyTags: (scope, imageId, tags, options) =>
      send("ModifyResourceTags", scope, { imageId, set: Object.keys(tags.set), remove: tags.remove }, () =>
        cloud.modifyTags(scope, imageId, tags, options),
      ),
    modifyShares: (scope, imageId, shares, options) =>
      send("ModifyImageSharePermission", scope, { imageId, add: shares.add, remove: shares.remove }, () =>
        cloud.modifyShares(scope, imageId, shares, options),
      ),
  }
}

/** By the failure's own word; what was stopped never left. */
function outcomeOf(error: unknown): Outcome {
  if (error instanceof Stop) return { type: "NOT_ACCEPTED", code: error.reason }
  const { ambiguous, code, requestId } = failureFrom(error)
  const type = ambiguous ? "UNKNOWN" : "NOT_ACCEPTED"
  return { type, code, ...(requestId === undefined ? {} : { requestId }) }
}

/** Texts of people stay out: only what is needed to find the image again. */
function importParameters({ name, description, url }: ImportRequest, action: Action | undefined): Parameters {
  const { stamp } = splitDescription(description)
  const bare = bareUrl(url)
  const others = action !== undefined && "remove" in action ? action.remove.map(({ imageId }) => imageId) : []
  return {
    name,
    stamp: stamp === undefined ? "" : description.slice(description.lastIndexOf("[cvmimg:")),
    url: bare,
    format: /\.([a-z0-9]{2,5})$/i.exec(bare)?.[1]?.toLowerCase() ?? "",
    others,
  }
}

function attributeParameters(attributes: NonNullable<InPlaceUpdate["attributes"]>): Parameters {
  const { name, family, deprecated, description } = attributes
  return {
    ...(name === undefined ? {} : { name }),
    ...(family === undefined ? {} : { family }),
    ...(deprecated === undefined ? {} : { deprecated }),
    ...(description === undefined ? {} : { description: true }),
  }
}

/** Without user, query and fragment: a signature may be among them. */
function bareUrl(url: string): string {
  const path = url.split(/[?#]/, 1)[0] ?? ""
  return path.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, "$1")
}
