/** A review for machines, in the shape of schemas/review.schema.json. */
import type { Scope } from "../model/placement.ts"
import type { Position } from "../model/position.ts"
import { type Review, type ReviewChange, RISKS, type RiskCode } from "../model/review.ts"
import { jsonText } from "./json.ts"

/** The review as JSON with stable keys and sorted rows, a newline at the end. */
export function renderReviewJson(review: Review): string {
  const { stack, stackFate, directory, base, head, valid, risk, summary, files, notCompared } = review
  return jsonText({
    formatVersion: 1,
    stack,
    stackFate,
    directory,
    base: { revision: base.revision, commit: base.commit, compared: base.compared },
    head: { revision: head.revision, commit: head.commit },
    valid,
    risk,
    summary,
    files,
    stackChanges: review.stackChanges.map((change) => ({
      ...changeShape(change),
      risk: change.risk,
      images: change.images,
      placements: change.placements,
    })),
    images: review.images.map((image) => ({
      image: image.image,
      fate: image.fate,
      formerName: image.formerName,
      risk: image.risk,
      risks: image.risks.map(riskShape),
      changes: image.changes.map(changeShape),
      added: image.added.map(scopeShape),
      removed: image.removed.map(scopeShape),
      replaced: image.replaced.map(scopeShape),
      updated: image.updated.map(scopeShape),
      manifest: positionShape(image.manifest),
      movedFrom: image.movedFrom,
    })),
    families: review.families.map(({ family, fate, risk: level, risks, changes, manifest }) => ({
      family,
      fate,
      risk: level,
      risks: risks.map(riskShape),
      changes: changes.map(changeShape),
      manifest: positionShape(manifest),
    })),
    moves: review.moves.map(({ family, before, after, imported, scopes, images }) => ({
      family,
      before,
      after,
      imported,
      scopes: scopes.map(scopeShape),
      images,
    })),
    notCompared,
    diagnostics: review.diagnostics.map((d) => ({
      code: d.code,
      severity: d.severity,
      isNew: d.isNew,
      message: d.message,
      file: d.file,
      line: d.line,
      column: d.column,
      advice: d.advice,
      endLine: d.endLine,
      endColumn: d.endColumn,
      path: d.path === "" ? undefined : d.path,
    })),
  })
}

function changeShape({ field, before, after, impact, risks, scopes, at }: ReviewChange): object {
  return {
    field,
    before,
    after,
    impact,
    risks: risks.map(riskShape),
    scopes: scopes.map(scopeShape),
    at: at === undefined ? undefined : positionShape(at),
  }
}

function riskShape(code: RiskCode): object {
  return { code, level: RISKS[code].level, reason: RISKS[code].text }
}

function scopeShape({ account, region }: Scope): object {
  return { account, region }
}

function positionShape({ file, line, column }: Position): object {
  return { file, line, column }
}
