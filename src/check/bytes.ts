/** Numbers and texts in bytes that nobody has checked: undefined where the bytes end before. */

export function ascii(bytes: Uint8Array, at: number, length: number): string | undefined {
  if (at + length > bytes.length) return undefined
  return String.fromCharCode(...bytes.subarray(at, at + length))
}

export function startsWith(bytes: Uint8Array, magic: string): boolean {
  return ascii(bytes, 0, magic.length) === magic
}

export function u16le(bytes: Uint8Array, at: number): number | undefined {
  return at + 2 > bytes.length ? undefined : view(bytes).getUint16(at, true)
}

export function u32be(bytes: Uint8Array, at: number): number | undefined {
  return at + 4 > bytes.length ? undefined : view(bytes).getUint32(at)
}

export function u32le(bytes: Uint8Array, at: number): number | undefined {
  return at + 4 > bytes.length ? undefined : view(bytes).getUint32(at, true)
}

/** Above 2^53 approximate: nothing that large is imported. */
export function u64be(bytes: Uint8Array, at: number): number | undefined {
  return at + 8 > bytes.length ? undefined : Number(view(bytes).getBigUint64(at))
}

export function u64le(bytes: Uint8Array, at: number): number | undefined {
  return at + 8 > bytes.length ? undefined : Number(view(bytes).getBigUint64(at, true))
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
