/**
 * Safeguards, and how each is taken away from outside: the product has no switch for any of them. Without it the
 * simulation has to fail within a thousand seeds, which shows that the checker would see it missing.
 */
import { CloudError } from "../../../src/cloud/failure.ts"
import type { Accepted, Cloud } from "../../../src/cloud/port.ts"
import type { CloudImage } from "../../../src/model/observed.ts"
import { splitDescription, stampDescription } from "../../../src/model/provenance.ts"
import type { ImportRequest } from "../../../src/model/request.ts"
import type { PlanOptions } from "../../../src/plan/index.ts"

export interface Tampering {
  readonly cloud?: (cloud: Cloud, stackId: string) => Cloud
  readonly planning?: PlanOptions
  readonly ignoreBrakes?: boolean
  /** The journal is not kept. */
  readonly forgetful?: boolean
}

type Change = (image: CloudImage, stackId: string) => CloudImage | undefined

/** Every listing as `change` would have it. */
const seen = (change: Change): Tampering => ({
  cloud: (cloud, stackId) => ({
    ...cloud,
    listImages: async (scope, o) =>
      (await cloud.listImages(scope, o)).flatMap((image) => change(image, stackId) ?? []),
  }),
})

/** Writes whose errors go through `caught`, which may make the call again. */
const writes = (
  caught: <T extends Accepted>(error: CloudError, again: () => Promise<T>) => Promise<T> | Accepted,
): Tampering => ({
  cloud(cloud) {
    const guarded = async <T extends Accepted>(call: () => Promise<T>): Promise<T> => {
      try {
        return await call()
      } catch (error) {
        if (error instanceof CloudError && error.failure.ambiguous) return (await caught(error, call)) as T
        throw error
      }
    }
    return {
      ...cloud,
      importImage: (...a) => guarded(() => cloud.importImage(...a)),
      modifyImage: (...a) => guarded(() => cloud.modifyImage(...a)),
      deleteImage: (...a) => guarded(() => cloud.deleteImage(...a)),
      modifyTags: (...a) => guarded(() => cloud.modifyTags(...a)),
      modifyShares: (...a) => guarded(() => cloud.modifyShares(...a)),
    }
  },
})

/** The image as the import asked for it, whatever was made of it since. */
function trusting(cloud: Cloud): Cloud {
  const asked = new Map<string, ImportRequest>()
  return {
    ...cloud,
    async importImage(scope, request, o) {
      const reply = await cloud.importImage(scope, request, o)
      if (reply.imageId !== undefined) asked.set(reply.imageId, request)
      return reply
    },
    async listImages(scope, o) {
      return (await cloud.listImages(scope, o)).map((image) => {
        const request = image.state === "NORMAL" ? asked.get(image.id) : undefined
        return request === undefined
          ? image
          : { ...image, name: request.name, description: request.description }
      })
    },
  }
}

/** From its rehearsal until its import was sent, nothing is seen under the name. */
function blindToNames(cloud: Cloud): Cloud {
  const hidden = new Set<string>()
  return {
    ...cloud,
    rehearseImport(scope, request, o) {
      hidden.add(`${scope.region}/${request.name}`)
      return cloud.rehearseImport(scope, request, o)
    },
    async importImage(scope, request, o) {
      try {
        return await cloud.importImage(scope, request, o)
      } finally {
        hidden.delete(`${scope.region}/${request.name}`)
      }
    },
    async listImages(scope, o) {
      return (await cloud.listImages(scope, o)).filter((i) => !hidden.has(`${scope.region}/${i.name}`))
    },
  }
}

/** Somebody newer is in each family. */
function crowded(cloud: Cloud): Cloud {
  return {
    ...cloud,
    async listImages(scope, o) {
      const images = await cloud.listImages(scope, o)
      const families = new Set(images.map((i) => i.family).filter((f) => f !== ""))
      const [one] = images
      if (one === undefined) return images
      const nobody = { description: "", tags: {}, state: "NORMAL", deprecated: false, createdAt: 9e15 }
      const made = [...families].map((family) => ({
        ...one,
        ...nobody,
        id: `img-${family}`,
        name: family,
        family,
      }))
      return [...images, ...made]
    },
  }
}

/** What fails in one region fails everywhere from then on. */
function contagious(cloud: Cloud): Cloud {
  let first: CloudError | undefined
  const spreading = async <T>(call: () => Promise<T>): Promise<T> => {
    try {
      return await call()
    } catch (error) {
      if (error instanceof CloudError) first ??= error
      throw error
    }
  }
  return {
    ...cloud,
    listImages: (...a) => spreading(() => cloud.listImages(...a)),
    importImage: (...a) => {
      if (first === undefined) return spreading(() => cloud.importImage(...a))
      return Promise.reject(new CloudError({ ...first.failure, ambiguous: false, retryable: false }))
    },
  }
}

export const SAFEGUARDS: Readonly<Record<string, Tampering>> = {
  "an unknown outcome is not taken for a refusal": writes((error) => {
    throw new CloudError({ ...error.failure, ambiguous: false, retryable: false })
  }),
  "a write whose reply was lost is not sent again": writes((_, again) => again()),
  "a lost reply is not taken for success": writes(() => ({ requestId: "r-lost" })),
  "an import counts at NORMAL and not before": seen((i) =>
    i.state === "IMPORTING" ? { ...i, state: "NORMAL" } : i,
  ),
  "IMPORTFAILED is no success": seen((i) => (i.state === "IMPORTFAILED" ? { ...i, state: "NORMAL" } : i)),
  "an import is read back with its name and mark": { cloud: trusting },
  "an unreadable reply is no empty listing": {
    cloud: (cloud) => ({ ...cloud, listImages: (...a) => cloud.listImages(...a).catch(() => []) }),
  },
  "a listing is complete or none": {
    cloud: (cloud) => ({
      ...cloud,
      listImages: async (scope, o) => (await cloud.listImages(scope, o)).slice(0, 2),
    }),
  },
  "the name is looked for before an import is sent": { cloud: blindToNames },
  "the journal outlives the run": { forgetful: true },
  "what failed is imported again only if told so": { planning: { retryFailed: true } },
  "a refused rehearsal stops the imports": {
    cloud: (cloud) => ({
      ...cloud,
      rehearseImport: (...a) => cloud.rehearseImport(...a).catch(() => ({ requestId: "r-rehearsed" })),
    }),
  },
  "another stack's mark makes an image another's": seen((i, stack) => {
    const { text, stamp } = splitDescription(i.description)
    const description = stamp === undefined ? i.description : stampDescription(text, { ...stamp, stack })
    const tags = i.tags["cvmimg.stack"] === undefined ? i.tags : { ...i.tags, "cvmimg.stack": stack }
    return { ...i, description, tags }
  }),
  "a protected image stays": seen((i) => {
    const { "cvmimg.protect": _, ...tags } = i.tags
    return { ...i, tags }
  }),
  "a shared image stays": { cloud: (cloud) => ({ ...cloud, listShares: () => Promise.resolve([]) }) },
  "the newest image of a family stays": { cloud: crowded },
  "trouble in one region stays there": { cloud: contagious },
  "limits of the stack hold": { ignoreBrakes: true },
}
