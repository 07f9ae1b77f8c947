/** VMDK: a sparse extent with its descriptor inside, an extent of ESX, or a descriptor that only names other files. */
import { ascii, startsWith, u16le, u32le, u64le } from "./bytes.ts"
import type { Content, ProblemCode } from "./content.ts"

const SECTOR = 512
const DEFLATE = 1

export function vmdk(head: Uint8Array, size: number): Content | undefined {
  if (startsWith(head, "KDMV")) return sparse(head, size)
  if (startsWith(head, "COWD")) return { format: "vmdk", virtualSize: (u32le(head, 12) ?? 0) * SECTOR }
  if (startsWith(head, "# Disk DescriptorFile")) return descriptorOnly(head)
  return undefined
}

function sparse(head: Uint8Array, size: number): Content {
  const version = u32le(head, 4)
  const capacity = u64le(head, 12)
  const facts = { format: "vmdk" as const, virtualSize: (capacity ?? 0) * SECTOR }
  const stop = (code: ProblemCode, message: string): Content => ({ ...facts, problem: { code, message } })
  if (version === undefined || capacity === undefined) return stop("format_broken", "its header is cut short")
  if (version < 1 || version > 3)
    return stop("format_broken", `its header has version ${version}, not 1 to 3`)
  if (capacity === 0) return stop("format_broken", "the disk in it has no bytes")
  const descriptor = embedded(head)
  if (/^createType\s*=\s*"(?:twoGb|custom|fullDevice|partitioned)/im.test(descriptor)) {
    return stop("needs_other_file", "it is one of several files of a split disk")
  }
  const parent = /^parentCID\s*=\s*([0-9a-f]{1,8})\s*$/im.exec(descriptor)?.[1]
  if (parent !== undefined && !/^f{8}$/i.test(parent)) {
    return stop("needs_other_file", "it is a snapshot and needs its parent")
  }
  // Compressed extents have their directory at the end, where the header does not say.
  const directory = u64le(head, 56) ?? 0
  const compressed = u16le(head, 77) === DEFLATE
  if (!compressed && directory < 2 ** 63 && directory * SECTOR >= size) {
    return stop("format_broken", "its grain directory lies behind the end of the file: it is cut short")
  }
  return facts
}

function embedded(head: Uint8Array): string {
  const from = (u64le(head, 28) ?? 0) * SECTOR
  const to = Math.min(from + (u64le(head, 36) ?? 0) * SECTOR, head.length)
  return from === 0 || from >= to ? "" : (ascii(head, from, to - from) ?? "")
}

/** A descriptor alone: its extents are other files. */
function descriptorOnly(head: Uint8Array): Content {
  const text = ascii(head, 0, head.length) ?? ""
  let sectors = 0
  for (const match of text.matchAll(/^(?:RW|RDONLY) (\d{1,15}) /gm)) sectors += Number(match[1])
  return {
    format: "vmdk",
    virtualSize: sectors * SECTOR,
    problem: {
      code: "needs_other_file",
      message: "it is only the descriptor of a disk whose data lie in other files",
    },
  }
}
