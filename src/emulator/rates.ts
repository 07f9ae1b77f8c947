/**
 * Requests a second by action (section 2 and 3.3). DescribeImageFromFamily, DescribeRegions and
 * GetCallerIdentity are assumed: no page states them.
 */
const documented: Readonly<Record<string, number>> = {
  ImportImage: 10,
  DescribeImages: 40,
  DescribeImportImageOs: 288,
  DescribeImageQuota: 10,
  DescribeImageFromFamily: 10,
  ModifyImageAttribute: 10,
  DeleteImages: 10,
  SyncImages: 10,
  ModifyImageSharePermission: 10,
  DescribeImageSharePermission: 10,
  DescribeRegions: 20,
  CreateTag: 20,
  CreateTags: 20,
  TagResources: 20,
  UnTagResources: 20,
  ModifyResourceTags: 20,
  GetResources: 20,
  GetTags: 20,
  DescribeResourcesByTags: 100,
  DescribeResourceTagsByResourceIds: 100,
  GetCallerIdentity: 20,
}

/** The limit of an action: an override, the documented number, or 20. */
export function limitOf(action: string, overrides: Readonly<Record<string, number>>): number {
  return overrides[action] ?? documented[action] ?? 20
}

/**
 * Sliding windows of one second. `admit` answers how many requests, this one included, the last second holds, and
 * whether it fits. Times are milliseconds of a monotonic clock; a refused request takes a place only if told so.
 */
export interface Windows {
  admit(key: string, limit: number, now: number, countRefused: boolean): { fits: boolean; times: number }
}

export function slidingWindows(): Windows {
  const windows = new Map<string, number[]>()
  return {
    admit(key, limit, now, countRefused) {
      const times = windows.get(key) ?? []
      let stale = 0
      while (stale < times.length && (times[stale] ?? 0) <= now - 1000) stale += 1
      if (stale > 0) times.splice(0, stale)
      const fits = times.length < limit
      const count = times.length + 1
      if (fits || countRefused) times.push(now)
      // Requests are counted when they have been read, which is not always the order in which they arrived.
      if ((times.at(-2) ?? now) > now) times.sort((a, b) => a - b)
      windows.set(key, times)
      return { fits, times: count }
    },
  }
}
