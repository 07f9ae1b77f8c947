import type { Subject } from "./subject.ts"

/** The last reply to each action, by account and region: what a proxy may mix up. */
export interface Memory {
  keep(subject: Subject, reply: Record<string, unknown>): void
  /** The reply that another account or region got last; undefined when there is none. */
  other(subject: Subject): Record<string, unknown> | undefined
}

export function createMemory(): Memory {
  const replies = new Map<string, Map<string, Record<string, unknown>>>()
  const placeOf = ({ account, region }: Subject): string => `${account}/${region}`
  return {
    keep(subject, reply) {
      const places = replies.get(subject.action) ?? new Map<string, Record<string, unknown>>()
      replies.set(subject.action, places)
      places.delete(placeOf(subject))
      places.set(placeOf(subject), reply)
    },
    other(subject) {
      const places = [...(replies.get(subject.action) ?? [])]
      return places.filter(([place]) => place !== placeOf(subject)).at(-1)?.[1]
    },
  }
}
