import type { Format, Renderer } from "../../src/report/formats.ts"

/** Every format of a registry, loaded. */
export async function loaded<F extends string, T>(
  formats: Readonly<Record<F, Format<T>>>,
): Promise<Record<F, Renderer<T>>> {
  const entries = Object.entries<Format<T>>(formats).map(
    async ([name, load]) => [name, await load()] as const,
  )
  return Object.fromEntries(await Promise.all(entries)) as Record<F, Renderer<T>>
}
