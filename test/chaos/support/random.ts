/**
 * Chance that can be repeated. Draws are keyed: a fork by a label does not depend on how many draws came before, so
 * that leaving one event out of a history does not change what the others are.
 */
export class Random {
  private readonly seed: number
  private state: number

  constructor(seed: number) {
    this.seed = mix(seed | 0)
    this.state = this.seed
  }

  fork(label: string): Random {
    let hash = this.seed
    for (let i = 0; i < label.length; i += 1) hash = mix(hash ^ (label.charCodeAt(i) + 0x9e37 * (i + 1)))
    return new Random(hash)
  }

  /** 0 <= x < 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    return (mix(this.state) >>> 0) / 4_294_967_296
  }

  /** 0 .. n-1. */
  int(n: number): number {
    return Math.floor(this.next() * n)
  }

  between(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1))
  }

  chance(p: number): boolean {
    return this.next() < p
  }

  pick<T>(items: readonly T[]): T {
    return items[this.int(items.length)] as T
  }

  /** One of the keys, as often as its weight says. */
  weighted<K extends string>(weights: Readonly<Partial<Record<K, number>>>): K {
    const entries = Object.entries(weights) as [K, number][]
    let left = this.next() * entries.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [key, weight] of entries) {
      left -= weight
      if (left < 0) return key
    }
    return (entries.at(-1) as [K, number])[0]
  }
}

function mix(value: number): number {
  let x = value
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad)
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97)
  return x ^ (x >>> 15)
}
