import type { FailureReason } from "./behaviour.ts"

/** Reads `length` bytes at `offset`; fewer at the end of the file. */
export type ReadRange = (offset: number, length: number) => Uint8Array

/** What the bytes of an object say: a format and the size of the disk inside, or why it cannot be imported. */
export type Verdict =
  | { format: "qcow2" | "vhd" | "vmdk" | "raw" | "iso"; virtualBytes: number }
  | { format?: never; reason: FailureReason }

/** Limits of the importer (section 6.2): 50 GB of data, 500 GB of disk. */
export const maxDataBytes: number = 50 * 1024 ** 3
const maxVirtualBytes: number = 500 * 1024 ** 3

/**
 * Looks at the ranges that decide, never at the whole object. Order matters: the footer of a VHD stands behind
 * bytes that may look like anything, and every other file counts as raw, which needs a boot signature or a GPT.
 */
export function sniff(size: number, read: ReadRange, force: boolean): Verdict {
  if (size < 512) return { reason: "InvalidFormatSize" }
  const head = Buffer.from(read(0, 1024))
  const verdict =
    qcow2(head) ??
    vmdk(head) ??
    vhd(Buffer.from(read(size - 512, 512))) ??
    iso(size, read, force) ??
    raw(head, size)
  if (verdict.format === undefined) return verdict
  const data = verdict.format === "raw" ? 0 : size
  if (data > maxDataBytes || verdict.virtualBytes > maxVirtualBytes || verdict.virtualBytes <= 0) {
    return { reason: "InvalidFormatSize" }
  }
  return verdict
}

/** qcow2: magic `QFI\xfb`, version 2 or 3, cluster size of 512 bytes to 2 MiB, big-endian size at 24. */
function qcow2(head: Buffer): Verdict | undefined {
  if (head.toString("latin1", 0, 4) !== "QFI\xfb") return undefined
  if (head.length < 72) return { reason: "InvalidFormatSize" }
  const version = head.readUInt32BE(4)
  const clusterBits = head.readUInt32BE(20)
  const sane = (version === 2 || version === 3) && clusterBits >= 9 && clusterBits <= 21
  if (!sane || (version === 3 && head.readUInt32BE(100) < 104)) return { reason: "InvalidFormatSize" }
  return { format: "qcow2", virtualBytes: Number(head.readBigUInt64BE(24)) }
}

/** vmdk: a sparse extent (`KDMV`, capacity in sectors at 12) or a text descriptor with its extents. */
function vmdk(head: Buffer): Verdict | undefined {
  if (head.toString("latin1", 0, 4) === "KDMV") {
    const version = head.readUInt32LE(4)
    if (version < 1 || version > 3) return { reason: "InvalidFormatSize" }
    return { format: "vmdk", virtualBytes: Number(head.readBigUInt64LE(12)) * 512 }
  }
  const text = head.toString("latin1")
  if (!text.startsWith("# Disk DescriptorFile")) return undefined
  const extents = [...text.matchAll(/^(?:RW|RDONLY) (\d+) /gm)].map((match) => Number(match[1]))
  return { format: "vmdk", virtualBytes: extents.reduce((sum, sectors) => sum + sectors, 0) * 512 }
}

/** vhd: a footer `conectix` in the last 512 bytes, its checksum, current size at 48, disk type 2, 3 or 4. */
function vhd(footer: Buffer): Verdict | undefined {
  if (footer.toString("latin1", 0, 8) !== "conectix") return undefined
  let sum = 0
  footer.forEach((byte, index) => {
    if (index < 64 || index > 67) sum += byte
  })
  const type = footer.readUInt32BE(60)
  if (~sum >>> 0 !== footer.readUInt32BE(64) || type < 2 || type > 4) return { reason: "InvalidFormatSize" }
  return { format: "vhd", virtualBytes: Number(footer.readBigUInt64BE(48)) }
}

/** iso: `CD001` at 32769, only by force. */
function iso(size: number, read: ReadRange, force: boolean): Verdict | undefined {
  if (size < 32774 || Buffer.from(read(32769, 5)).toString("latin1") !== "CD001") return undefined
  return force ? { format: "iso", virtualBytes: size } : { reason: "InvalidFormatSize" }
}

/** raw: the boot signature 55 AA at 510, or a GPT header at 512. */
function raw(head: Buffer, size: number): Verdict {
  const mbr = head[510] === 0x55 && head[511] === 0xaa
  const gpt = head.toString("latin1", 512, 520) === "EFI PART"
  return mbr || gpt ? { format: "raw", virtualBytes: size } : { reason: "PartitionNotPresent" }
}
