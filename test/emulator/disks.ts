/** The bytes of image files, as small as they can be. */
const gibibyte = 1024 ** 3

/** A qcow2 header of version 3 and nothing behind it. */
export function qcow2(virtualGiB: number = 20, version: number = 3): Buffer {
  const bytes = Buffer.alloc(1024)
  bytes.write("QFI\xfb", 0, "latin1")
  bytes.writeUInt32BE(version, 4)
  bytes.writeUInt32BE(16, 20)
  bytes.writeBigUInt64BE(BigInt(virtualGiB * gibibyte), 24)
  bytes.writeUInt32BE(104, 100)
  return bytes
}

/** A sparse VMDK header. */
export function vmdk(virtualGiB: number): Buffer {
  const bytes = Buffer.alloc(1024)
  bytes.write("KDMV", 0, "latin1")
  bytes.writeUInt32LE(1, 4)
  bytes.writeBigUInt64LE(BigInt((virtualGiB * gibibyte) / 512), 12)
  return bytes
}

/** A fixed VHD: some data and the footer. */
export function vhd(virtualGiB: number): Buffer {
  const footer = Buffer.alloc(512)
  footer.write("conectix", 0, "latin1")
  footer.writeBigUInt64BE(BigInt(virtualGiB * gibibyte), 48)
  footer.writeUInt32BE(2, 60)
  footer.writeUInt32BE(~footer.reduce((sum, byte) => sum + byte, 0) >>> 0, 64)
  return Buffer.concat([Buffer.alloc(1024), footer])
}

/** A raw disk of 1 MiB with a boot signature. */
export function rawDisk(): Buffer {
  const bytes = Buffer.alloc(1024 ** 2)
  bytes.writeUInt16BE(0x55aa, 510)
  return bytes
}

/** A raw disk with a GPT header and no boot signature. */
export function gptDisk(): Buffer {
  const bytes = Buffer.alloc(1024 ** 2)
  bytes.write("EFI PART", 512, "latin1")
  return bytes
}

/** The start of an ISO 9660 file. */
export function iso(): Buffer {
  const bytes = Buffer.alloc(40_000)
  bytes.write("CD001", 32_769, "latin1")
  return bytes
}
