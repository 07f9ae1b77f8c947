/** What the bytes of an image file say: its format, the disk inside, and what keeps it from being imported. Pure. */
import { ascii, startsWith, u32be, u64be } from "./bytes.ts"
import type { Content, ProblemCode } from "./content.ts"
import { vhd } from "./format-vhd.ts"
import { vmdk } from "./format-vmdk.ts"

/** How many bytes of the beginning tell all formats apart: up to the end of an ISO's first volume descriptor. */
export const HEAD_BYTES = 36_864
/** How many of them tell a qcow2, and all that is asked of one. */
export const QCOW2_BYTES = 512
/** A VHD says what it is at its end. */
export const TAIL_BYTES = 512

/** Whether these few bytes are the beginning of a qcow2, so that no more of it has to be seen. */
export function isQcow2(head: Uint8Array): boolean {
  return startsWith(head, "QFI\u00fb")
}

/** Whether the end of the file has to be seen too: it may be a VHD, or claims to be one. */
export function needsTail(head: Uint8Array): boolean {
  return (
    startsWith(head, "conectix") ||
    (qcow2(head, Number.MAX_SAFE_INTEGER) ?? vmdk(head, Number.MAX_SAFE_INTEGER) ?? iso(head, 0)) ===
      undefined
  )
}

/**
 * Judges a file of `size` bytes by its first `HEAD_BYTES` and, where `needsTail` says so, its last `TAIL_BYTES`.
 * Whatever is none of the others is a raw disk. Takes any bytes and never throws.
 */
export function identify(size: number, head: Uint8Array, tail?: Uint8Array): Content {
  if (size < 512) {
    return { problem: { code: "format_broken", message: `the file has ${size} bytes, which is no disk` } }
  }
  return (
    qcow2(head, size) ??
    vmdk(head, size) ??
    vhd(head, tail) ??
    iso(head, size) ??
    other(head) ??
    raw(head, size)
  )
}

function qcow2(head: Uint8Array, size: number): Content | undefined {
  if (!isQcow2(head)) return undefined
  const broken = (message: string): Content => ({
    format: "qcow2",
    problem: { code: "format_broken", message },
  })
  const version = u32be(head, 4)
  const clusterBits = u32be(head, 20)
  const virtualSize = u64be(head, 24)
  if (version === undefined || clusterBits === undefined || virtualSize === undefined) {
    return broken("its header is cut short")
  }
  if (version !== 2 && version !== 3) return broken(`its header has version ${version}, not 2 or 3`)
  if (clusterBits < 9 || clusterBits > 21) return broken("its clusters have an impossible size")
  if (version === 3 && (u32be(head, 100) ?? 0) < 104) return broken("its header is too short for version 3")
  if (virtualSize === 0) return broken("the disk in it has no bytes")
  const facts = { format: "qcow2" as const, virtualSize }
  const stop = (code: ProblemCode, message: string): Content => ({ ...facts, problem: { code, message } })
  const features = version === 3 ? (u32be(head, 76) ?? 0) : 0
  if ((u64be(head, 8) ?? 0) !== 0) return stop("needs_other_file", "it has a backing file")
  if ((features & 0b100) !== 0) return stop("needs_other_file", "its data lie in an external data file")
  if ((u32be(head, 32) ?? 0) !== 0) return stop("encrypted", "it is encrypted")
  if ((features & 0b10) !== 0) return stop("format_broken", "it is marked as corrupt")
  const tablesEnd = Math.max((u64be(head, 40) ?? 0) + (u32be(head, 36) ?? 0) * 8, u64be(head, 48) ?? 0)
  if (tablesEnd > size)
    return stop("format_broken", "its tables lie behind the end of the file: it is cut short")
  return facts
}

function iso(head: Uint8Array, size: number): Content | undefined {
  return ascii(head, 32_769, 5) === "CD001" ? { format: "iso", virtualSize: size } : undefined
}

function raw(head: Uint8Array, size: number): Content {
  const facts = { format: "raw" as const, virtualSize: size, storesZeros: true }
  const bootable = (head[510] === 0x55 && head[511] === 0xaa) || ascii(head, 512, 8) === "EFI PART"
  if (bootable) return facts
  const message = "it has neither a boot signature nor a GPT, so that there is no partition to boot from"
  return { ...facts, problem: { code: "no_partition_table", message } }
}

/** Magic numbers at the beginning of files that are no disk. */
const OTHERS: readonly (readonly [magic: string, what: string])[] = [
  ["\u001f\u008b", "a gzip archive"],
  ["\u00fd7zXZ\u0000", "an xz archive"],
  ["BZh", "a bzip2 archive"],
  ["\u0028\u00b5\u002f\u00fd", "a zstd archive"],
  ["PK\u0003\u0004", "a zip archive"],
  ["7z\u00bc\u00af\u0027\u001c", "a 7z archive"],
  ["vhdxfile", "a VHDX image, which has to be converted to VHD"],
  ["<<< Oracle VM VirtualBox Disk Image", "a VDI image, which has to be converted"],
  ["<<< QEMU VM Virtual Disk Image", "a VDI image, which has to be converted"],
  ["<!DOCTYPE", "an HTML page"],
  ["<html", "an HTML page"],
  ["<?xml", "an XML document"],
  ["version https://git-lfs", "a Git LFS pointer"],
]

function other(head: Uint8Array): Content | undefined {
  const found = OTHERS.find(([magic]) => startsWith(head, magic))?.[1]
  if (found !== undefined) return { other: found }
  return ascii(head, 257, 5) === "ustar" ? { other: "a tar archive, such as an OVA" } : undefined
}
