import { createHash } from "node:crypto"
import { Readable } from "node:stream"
import { appidOf, isListed, type ObjectStore } from "./objects.ts"

const size = 64 * 1024
const virtualBytes = 10 * 1024 ** 3
const modifiedMs = Date.UTC(2026, 0, 1)

/**
 * Objects for a world without a directory of them: every key of every well-formed bucket is a good image of a
 * 10 GiB disk, 64 KiB long, in the format that its name promises (raw: 64 KiB of disk; no known ending: qcow2). The
 * bytes follow from the key alone, so that copies in several regions are the same. `privateObjects` holds here too.
 */
export function objectSamples(privateObjects: readonly string[]): ObjectStore {
  return {
    find(bucket, key) {
      if (appidOf(bucket) === undefined) return "NoSuchBucket"
      if (key === "") return "NoSuchKey"
      const bytes = (): Buffer => sample(key)
      return {
        identity: `sample\0${key}`,
        size,
        modifiedMs,
        private: isListed(privateObjects, bucket, key),
        read: (offset, length) => bytes().subarray(offset, offset + length),
        stream: (start, end) => Readable.from([bytes().subarray(start, end + 1)]),
      }
    },
  }
}

function sample(key: string): Buffer {
  const bytes = Buffer.alloc(size)
  // Somewhere no format looks: different keys are different objects.
  createHash("sha256").update(key).digest().copy(bytes, 4096)
  const ending = /\.(\w+)$/.exec(key)?.[1]?.toLowerCase() ?? ""
  if (ending === "raw" || ending === "img") bytes.writeUInt16BE(0x55aa, 510)
  else if (ending === "iso") bytes.write("CD001", 32_769, "latin1")
  else if (ending === "vmdk") vmdk(bytes)
  else if (ending === "vhd") vhd(bytes.subarray(size - 512))
  else qcow2(bytes)
  return bytes
}

function qcow2(bytes: Buffer): void {
  bytes.write("QFI\xfb", 0, "latin1")
  bytes.writeUInt32BE(3, 4)
  bytes.writeUInt32BE(16, 20)
  bytes.writeBigUInt64BE(BigInt(virtualBytes), 24)
  bytes.writeUInt32BE(104, 100)
}

function vmdk(bytes: Buffer): void {
  bytes.write("KDMV", 0, "latin1")
  bytes.writeUInt32LE(1, 4)
  bytes.writeBigUInt64LE(BigInt(virtualBytes / 512), 12)
}

function vhd(footer: Buffer): void {
  footer.write("conectix", 0, "latin1")
  footer.writeBigUInt64BE(BigInt(virtualBytes), 48)
  footer.writeUInt32BE(2, 60)
  footer.writeUInt32BE(~footer.reduce((sum, byte) => sum + byte, 0) >>> 0, 64)
}
