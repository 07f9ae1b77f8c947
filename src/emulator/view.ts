import type { Box } from "./box.ts"
import { apiTime } from "./clock.ts"
import type { Sighting } from "./imports.ts"

/**
 * Renders an image with the fields and the order of the SDK's Image. Neither URL, OS version, boot mode, force nor
 * the reason of a failure is part of it (section 2.1).
 */
export function imageView(box: Box, { image, type }: Sighting): Record<string, unknown> {
  const { behaviour, site } = box
  const nulls = behaviour.emptyLists === "null" || (behaviour.emptyLists === "site" && site === "intl")
  const list = (items: unknown[]): unknown[] | null => (items.length === 0 && nulls ? null : items)
  const own = type === "PRIVATE_IMAGE"
  const tags = own ? Object.entries(image.tags).map(([Key, Value]) => ({ Key, Value })) : []
  const snapshots = image.snapshots.map((disk) => ({
    SnapshotId: disk.id,
    DiskUsage: disk.usage,
    DiskSize: disk.sizeGiB,
  }))
  const view: Record<string, unknown> = {
    ImageId: image.id,
    OsName: image.osName,
    ImageType: type,
    CreatedTime: apiTime(image.createdAt, behaviour.timeForm),
    ImageName: image.name,
    ImageDescription: image.description,
    ImageSize: image.sizeGiB,
    Architecture: image.architecture,
    ImageState: image.state,
    Platform: image.platform,
    ImageCreator: image.state === "IMPORTING" && site === "intl" ? null : image.creator,
    ImageSource: image.source,
    SyncPercent: syncPercent(box, image.copy),
    IsSupportCloudinit: image.cloudInit,
    SnapshotSet: list(snapshots),
    Tags: list(tags),
    LicenseType: image.license,
  }
  if (image.family !== "" || !behaviour.omitEmptyFields) view.ImageFamily = image.family
  if (image.deprecated || !behaviour.omitEmptyFields) view.ImageDeprecated = image.deprecated
  return view
}

function syncPercent(box: Box, copy: { startAt: number; finishAt: number } | undefined): number | null {
  if (copy === undefined) return null
  const part = (box.clock.now() - copy.startAt) / Math.max(1, copy.finishAt - copy.startAt)
  return Math.min(99, Math.max(0, Math.floor(part * 100)))
}
