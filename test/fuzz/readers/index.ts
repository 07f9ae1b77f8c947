/** Every reader of foreign bytes. */
import type { Reader } from "../reader.ts"
import { credentials } from "./credentials.ts"
import { journals, locks } from "./journals.ts"
import { manifestFiles, manifests } from "./manifests.ts"
import { objects } from "./objects.ts"
import { plans } from "./plans.ts"
import { replies } from "./replies.ts"
import { driftStates, emulatorStates } from "./states.ts"
import { webhooks } from "./webhooks.ts"

export const READERS: readonly Reader[] = [
  manifests,
  manifestFiles,
  plans,
  journals,
  locks,
  credentials,
  emulatorStates,
  driftStates,
  replies,
  objects,
  webhooks,
]
