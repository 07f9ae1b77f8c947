/** A plan for machines, in the shape of schemas/plan.schema.json. */
import { comparePlacements } from "../model/placement.ts"
import {
  type Action,
  type Brake,
  type CheckResult,
  type FamilyMember,
  type FamilyMove,
  type ImageRef,
  type Plan,
  type ReplaceAction,
  type Retirement,
  VERBS,
} from "../model/plan.ts"
import { failureShape } from "./failure-json.ts"
import { jsonText } from "./json.ts"

/**
 * The plan as JSON with stable keys and sorted rows, a newline at the end. It holds what a reviewer and a later apply
 * need, and neither the request's signature flags nor anything secret.
 */
export function renderPlanJson(plan: Plan): string {
  return jsonText({
    formatVersion: plan.formatVersion,
    stack: plan.stack,
    stackId: plan.stackId,
    site: plan.site,
    fingerprint: plan.fingerprint,
    summary: Object.fromEntries(VERBS.map((verb) => [verb, plan.summary[verb]])),
    actions: [...plan.actions].sort(comparePlacements).map(actionShape),
    families: plan.families.map(familyShape),
    brakes: plan.brakes.map(brakeShape),
    notices: plan.notices.map(({ code, message, account, region, imageId }) => ({
      code,
      message,
      account,
      region,
      imageId,
    })),
    notConsidered: plan.notConsidered,
  })
}

function actionShape(action: Action): object {
  const { image, account, region, digest, reasons, notices, manifest } = action
  return {
    image,
    account,
    region,
    action: action.action,
    digest,
    reasons,
    changes: action.changes.map(({ field, before, after, impact }) => ({ field, before, after, impact })),
    notices,
    ...ownShape(action),
    checks: action.checks.map(checkShape),
    manifest: { file: manifest.file, line: manifest.line, column: manifest.column },
  }
}

/** What only some verbs have. */
function ownShape(action: Action): object {
  switch (action.action) {
    case "import":
    case "retry":
      return {
        name: action.request.name,
        spec: action.spec,
        release: action.release,
        remove: action.remove.map(refShape),
      }
    case "replace":
      return {
        name: action.name,
        spec: action.spec,
        release: action.release,
        remove: action.remove.map(refShape),
        staged: stagedShape(action),
        old: action.old === undefined ? undefined : refShape(action.old),
        oldName: action.oldName,
        retire: action.retire.map(retirementShape),
      }
    case "restore":
      return {
        imageId: action.imageId,
        name: action.name,
        spec: action.spec,
        release: action.release,
        remove: action.remove.map(refShape),
        old: action.old === undefined ? undefined : refShape(action.old),
        oldName: action.oldName,
        deprecate: action.deprecate.map(refShape),
      }
    case "deprecate":
      return { imageId: action.imageId, name: action.name }
    case "delete": {
      const { imageId, name, deleteSnapshots, snapshotIds } = action
      return { imageId, name, deleteSnapshots, snapshotIds }
    }
    case "update":
    case "adopt":
      return { imageId: action.imageId, spec: action.spec, release: action.release }
    case "await": {
      const { imageId, name, spec, state, release } = action
      return { imageId, name, spec, state, release }
    }
    case "keep":
      return { imageId: action.imageId }
    case "refuse":
      return {
        imageId: action.imageId,
        refusal: action.refusal,
        wanted: action.wanted,
        imageIds: action.imageIds,
        advice: action.advice,
        failure: action.failure === undefined ? undefined : failureShape(action.failure),
      }
  }
}

function checkShape({ name, status, code, message, advice, requestId }: CheckResult): object {
  return { name, status, code, message, advice, requestId }
}

function refShape({ imageId, name }: ImageRef): object {
  return { imageId, name }
}

/** The staged image, or the name that it is to get. */
function stagedShape({ staged, request }: ReplaceAction): object {
  return { imageId: staged?.imageId, name: staged?.name ?? request.name, state: staged?.state }
}

function retirementShape({ imageId, name, how, deleteSnapshots, reason }: Retirement): object {
  return { imageId, name, how, deleteSnapshots, reason }
}

function familyShape({ account, region, family, before, after, images }: FamilyMove): object {
  return { account, region, family, before: memberShape(before), after: memberShape(after), images }
}

function memberShape(member: FamilyMember | null): object | null {
  return member === null ? null : { name: member.name, imageId: member.imageId }
}

function brakeShape({ limit, count, placements, allowed, images }: Brake): object {
  return { limit, count, placements, allowed, images }
}
