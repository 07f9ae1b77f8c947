/** Name lookups asked once for all who ask at the same time: a listing of many regions opens many connections at once. */
import { type LookupAddress, type LookupOptions, lookup as systemLookup } from "node:dns"
import type { LookupFunction } from "node:net"

type Resolve = (hostname: string, options: LookupOptions & { all: true }, done: Done) => void
type Done = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void

/** A `lookup` for sockets. Nothing is remembered once a lookup has ended. */
export function sharedLookup(resolve: Resolve = systemLookup): LookupFunction {
  const waiting = new Map<string, Done[]>()
  return (hostname, options, callback) => {
    const done: Done = (error, addresses) => {
      if (error !== null || options.all === true) return callback(error, addresses)
      const [first] = addresses
      callback(null, first?.address ?? "", first?.family)
    }
    const key = `${hostname} ${options.family ?? 0} ${options.hints ?? 0}`
    const others = waiting.get(key)
    if (others !== undefined) {
      others.push(done)
      return
    }
    const all = [done]
    waiting.set(key, all)
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      waiting.delete(key)
      for (const each of all) each(error, addresses)
    })
  }
}
