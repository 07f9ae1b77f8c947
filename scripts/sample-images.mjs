// Writes the image files that the sample stack in manifests/ imports: real disks in all five formats, half a
// megabyte at most, the same bytes on every run and machine (no clock, no randomness, no qemu-img).
//
//   node scripts/sample-images.mjs OUTDIR      -> OUTDIR/<bucket-appid>/<key>
//
// The disks boot nothing. They are what a reader of formats wants to see: tables, checksums and magic numbers
// that hold.
import { createHash } from "node:crypto"
import { mkdir, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { pathToFileURL } from "node:url"
import { crc32 } from "node:zlib"

const SECTOR = 512
// Sixteen whole cylinders of 4 heads and 17 sectors: VHD's geometry, VMDK's grains and qcow2's sectors agree
// on the size.
const SECTORS = 16 * 4 * 17
const PARTITION_START = 64

export const APPID = "1250000000"
export const REGIONS = ["ap-singapore", "eu-frankfurt"]

// What the sample stack names. The same objects lie in the bucket of every region.
export const SAMPLE_OBJECTS = [
  { key: "ubuntu/jammy-20261101.qcow2", format: "qcow2", build: (key) => qcow2Image(rawImage(key)) },
  {
    key: "ubuntu/noble-uefi-20261101.qcow2",
    format: "qcow2",
    build: (key) => qcow2Image(rawImage(key, { table: "gpt" })),
  },
  { key: "web/runtime-20261103.qcow2", format: "qcow2", build: (key) => qcow2Image(rawImage(key)) },
  { key: "debian/bookworm-20261015.raw", format: "raw", build: (key) => rawImage(key) },
  {
    key: "rocky/rocky9-20261020.vmdk",
    format: "vmdk",
    build: (key) => vmdkImage(rawImage(key), "rocky9.vmdk"),
  },
  { key: "centos/centos7-20240630.vhd", format: "vhd", build: (key) => vhdImage(rawImage(key)) },
  {
    key: "windows/ws2022-byol-20261012.vhd",
    format: "vhd",
    build: (key) => vhdImage(rawImage(key, { partition: "ntfs" }), { type: "fixed" }),
  },
  { key: "iso/edge-gateway-4.2.iso", format: "iso", build: (key) => isoImage(key) },
]

/** Writes every sample object below `dir`, once per bucket, and tells what was written. */
export async function writeSampleImages(dir) {
  const written = []
  for (const { key, format, build } of SAMPLE_OBJECTS) {
    const bytes = build(key)
    const crc64 = crc64Ecma(bytes)
    for (const region of REGIONS) {
      const bucket = `golden-${region}-${APPID}`
      const path = join(dir, bucket, key)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, bytes)
      written.push({ bucket, key, path, format, crc64 })
    }
  }
  return written
}

/** A disk with one partition. `seed` is written into it and makes its bytes differ from other disks'. */
export function rawImage(seed, { table = "mbr", partition = "linux" } = {}) {
  const disk = Buffer.alloc(SECTORS * SECTOR)
  if (table === "gpt") return gptDisk(disk, seed)
  const type = { linux: 0x83, ntfs: 0x07 }[partition]
  writeMbr(disk, { type, active: true, first: PARTITION_START, count: SECTORS - PARTITION_START, seed })
  const start = PARTITION_START * SECTOR
  if (partition === "ntfs") {
    disk.write("\xeb\x52\x90NTFS    ", start, "latin1")
    disk.writeUInt16LE(SECTOR, start + 11)
    disk.writeUInt16LE(0xaa55, start + 510)
  }
  noise(seed, 2 * SECTOR).copy(disk, start + 2 * SECTOR)
  disk.write(`cvmimg sample disk: ${seed}\n`, start + 4 * SECTOR)
  // The last sector is in use, so that an image cut short does not go unnoticed.
  noise(`${seed} end`, SECTOR).copy(disk, disk.length - SECTOR)
  return disk
}

/** qcow2 version 3 with 4 KiB clusters. Clusters of zeros are not stored. */
export function qcow2Image(disk) {
  const clusterBits = 12
  const cluster = 1 << clusterBits
  const perL2 = cluster / 8
  const guest = Math.ceil(disk.length / cluster)
  const l2Count = Math.ceil(guest / perL2)
  if (l2Count > cluster / 8) throw new RangeError("the disk is too large for one L1 cluster")

  // Cluster 0: header; 1: refcount table; 2: its only block; 3: L1; then the L2 tables; then data.
  const l1 = Buffer.alloc(cluster)
  const l2 = Buffer.alloc(l2Count * cluster)
  const COPIED = 1n << 63n
  const data = []
  const firstData = 4 + l2Count
  for (let i = 0; i < l2Count; i++) l1.writeBigUInt64BE(COPIED | BigInt((4 + i) * cluster), i * 8)
  for (let i = 0; i < guest; i++) {
    const bytes = padded(disk.subarray(i * cluster, (i + 1) * cluster), cluster)
    if (isZero(bytes)) continue
    l2.writeBigUInt64BE(COPIED | BigInt((firstData + data.length) * cluster), i * 8)
    data.push(bytes)
  }
  const used = firstData + data.length
  if (used > cluster / 2) throw new RangeError("the disk is too large for one refcount block")

  const header = Buffer.alloc(cluster)
  header.write("QFI\xfb", 0, "latin1")
  header.writeUInt32BE(3, 4)
  header.writeUInt32BE(clusterBits, 20)
  header.writeBigUInt64BE(BigInt(disk.length), 24)
  header.writeUInt32BE(l2Count, 36)
  header.writeBigUInt64BE(BigInt(3 * cluster), 40)
  header.writeBigUInt64BE(BigInt(cluster), 48)
  header.writeUInt32BE(1, 56)
  header.writeUInt32BE(4, 96) // refcounts of 1 << 4 bits
  header.writeUInt32BE(104, 100)
  const refcountTable = Buffer.alloc(cluster)
  refcountTable.writeBigUInt64BE(BigInt(2 * cluster), 0)
  const refcounts = Buffer.alloc(cluster)
  for (let i = 0; i < used; i++) refcounts.writeUInt16BE(1, i * 2)
  return Buffer.concat([header, refcountTable, refcounts, l1, l2, ...data])
}

/** VHD: dynamic (blocks of zeros are not stored), or fixed (the disk and a footer; its front does not tell). */
export function vhdImage(disk, { type = "dynamic" } = {}) {
  if (disk.length % SECTOR !== 0) throw new RangeError("a VHD holds whole sectors")
  const footer = vhdFooter(disk, type)
  if (type === "fixed") return Buffer.concat([disk, footer])

  const block = 32 * 1024 // 2 MiB is usual; any power of two is legal
  const entries = Math.ceil(disk.length / block)
  const table = Buffer.alloc(roundUp(entries * 4, SECTOR), 0xff)
  const header = Buffer.alloc(1024)
  header.write("cxsparse", 0, "latin1")
  header.fill(0xff, 8, 16)
  header.writeBigUInt64BE(BigInt(footer.length + header.length), 16)
  header.writeUInt32BE(0x00010000, 24)
  header.writeUInt32BE(entries, 28)
  header.writeUInt32BE(block, 32)
  header.writeUInt32BE(onesComplementSum(header), 36)

  const parts = [footer, header, table]
  let at = footer.length + header.length + table.length
  for (let i = 0; i < entries; i++) {
    const bytes = padded(disk.subarray(i * block, (i + 1) * block), block)
    if (isZero(bytes)) continue
    table.writeUInt32BE(at / SECTOR, i * 4)
    const bitmap = Buffer.alloc(SECTOR)
    bitmap.fill(0xff, 0, block / SECTOR / 8)
    parts.push(bitmap, bytes)
    at += bitmap.length + bytes.length
  }
  return Buffer.concat([...parts, footer])
}

/** VMDK, monolithicSparse: one file with its descriptor inside. Grains of zeros are not stored. */
export function vmdkImage(disk, name = "disk.vmdk") {
  const grain = 16 // sectors
  const perTable = 512
  const sectors = disk.length / SECTOR
  if (sectors % grain !== 0 || sectors > grain * perTable) {
    throw new RangeError(`a sample VMDK holds whole grains of ${grain} sectors, at most ${perTable} of them`)
  }
  // Sector 0: header; 1..20: descriptor; 21: spare directory, 22..25: its table; 26: directory, 27..30:
  // table; 32: grains.
  const [descriptorAt, descriptorSize, spareAt, directoryAt, grainsAt] = [1, 20, 21, 26, 32]
  const file = Buffer.alloc(grainsAt * SECTOR)
  file.write("KDMV", 0, "latin1")
  file.writeUInt32LE(1, 4)
  file.writeUInt32LE(3, 8) // the newline test is valid, and there is a spare directory
  file.writeBigUInt64LE(BigInt(sectors), 12)
  file.writeBigUInt64LE(BigInt(grain), 20)
  file.writeBigUInt64LE(BigInt(descriptorAt), 28)
  file.writeBigUInt64LE(BigInt(descriptorSize), 36)
  file.writeUInt32LE(perTable, 44)
  file.writeBigUInt64LE(BigInt(spareAt), 48)
  file.writeBigUInt64LE(BigInt(directoryAt), 56)
  file.writeBigUInt64LE(BigInt(grainsAt), 64)
  file.write("\n \r\n", 73, "latin1")
  const cid = digest(disk).readUInt32BE(0) & 0x7fffffff
  file.write(vmdkDescriptor(sectors, name, cid), descriptorAt * SECTOR, "latin1")

  const parts = [file]
  let at = grainsAt
  for (const directory of [spareAt, directoryAt]) file.writeUInt32LE(directory + 1, directory * SECTOR)
  for (let i = 0; i < sectors / grain; i++) {
    const bytes = disk.subarray(i * grain * SECTOR, (i + 1) * grain * SECTOR)
    if (isZero(bytes)) continue
    for (const directory of [spareAt, directoryAt]) file.writeUInt32LE(at, (directory + 1) * SECTOR + i * 4)
    parts.push(bytes)
    at += grain
  }
  return Buffer.concat(parts)
}

/** ISO 9660 with one file and an El Torito boot entry. */
export function isoImage(seed) {
  const block = 2048
  const readme = Buffer.from(`cvmimg sample installer: ${seed}\n`)
  // 16: volume, 17: boot record, 18: end of descriptors, 19: boot catalog, 20 and 21: path tables, 22: root,
  // 23: boot image, 24: file
  const image = Buffer.alloc(25 * block)
  const both16 = (value, at) => {
    image.writeUInt16LE(value, at)
    image.writeUInt16BE(value, at + 2)
  }
  const both32 = (value, at) => {
    image.writeUInt32LE(value, at)
    image.writeUInt32BE(value, at + 4)
  }
  const text = (value, at, length) => image.write(value.padEnd(length), at, "latin1")
  const stamp = (at) => image.write("2026110100000000\0", at, "latin1")
  const descriptor = (sector, type) => {
    image.writeUInt8(type, sector * block)
    image.write("CD001\x01", sector * block + 1, "latin1")
    return sector * block
  }
  const record = (at, sector, length, flags, name) => {
    const size = roundUp(33 + name.length, 2)
    image.writeUInt8(size, at)
    both32(sector, at + 2)
    both32(length, at + 10)
    Buffer.from([126, 11, 1, 0, 0, 0, 0]).copy(image, at + 18)
    image.writeUInt8(flags, at + 25)
    both16(1, at + 28)
    image.writeUInt8(name.length, at + 32)
    image.write(name, at + 33, "latin1")
    return at + size
  }

  const volume = descriptor(16, 1)
  text("", volume + 8, 32)
  text("CVMIMG_SAMPLE", volume + 40, 32)
  both32(image.length / block, volume + 80)
  both16(1, volume + 120)
  both16(1, volume + 124)
  both16(block, volume + 128)
  both32(10, volume + 132)
  image.writeUInt32LE(20, volume + 140)
  image.writeUInt32BE(21, volume + 148)
  record(volume + 156, 22, block, 2, "\0")
  text("", volume + 190, 128 * 4 + 37 * 3)
  stamp(volume + 813)
  stamp(volume + 830)
  for (const at of [847, 864]) image.write("0000000000000000\0", volume + at, "latin1")
  image.writeUInt8(1, volume + 881)

  const boot = descriptor(17, 0)
  image.write("EL TORITO SPECIFICATION", boot + 7, "latin1")
  image.writeUInt32LE(19, boot + 71)
  descriptor(18, 255)

  const catalog = 19 * block
  image.writeUInt8(1, catalog)
  image.write("cvmimg", catalog + 4, "latin1")
  image.writeUInt16LE(0xaa55, catalog + 30)
  let sum = 0
  for (let i = 0; i < 32; i += 2) sum += image.readUInt16LE(catalog + i)
  image.writeUInt16LE(-sum & 0xffff, catalog + 28) // the words of the validation entry add up to 0
  image.writeUInt8(0x88, catalog + 32)
  image.writeUInt16LE(4, catalog + 38)
  image.writeUInt32LE(23, catalog + 40)

  // One entry, the root: length of its name, then its block and its parent, in both byte orders.
  Buffer.from([1, 0, 22, 0, 0, 0, 1, 0, 0, 0]).copy(image, 20 * block)
  Buffer.from([1, 0, 0, 0, 0, 22, 0, 1, 0, 0]).copy(image, 21 * block)
  const root = 22 * block
  const second = record(root, 22, block, 2, "\0")
  const third = record(second, 22, block, 2, "\x01")
  record(third, 24, readme.length, 0, "README.TXT;1")
  HALT.copy(image, 23 * block)
  image.writeUInt16LE(0xaa55, 23 * block + 510)
  readme.copy(image, 24 * block)
  return image
}

/** CRC-64/ECMA-182 as COS gives it in x-cos-hash-crc64ecma: the reflected form (CRC-64/XZ), in decimal. */
export function crc64Ecma(bytes) {
  let high = 0xffffffff
  let low = 0xffffffff
  for (const byte of bytes) {
    const index = (low ^ byte) & 0xff
    low = (CRC64_LOW[index] ^ ((low >>> 8) | (high << 24))) >>> 0
    high = (CRC64_HIGH[index] ^ (high >>> 8)) >>> 0
  }
  return (((BigInt(high) << 32n) | BigInt(low)) ^ 0xffffffffffffffffn).toString()
}

const [CRC64_HIGH, CRC64_LOW] = crc64Tables()

function crc64Tables() {
  const high = new Uint32Array(256)
  const low = new Uint32Array(256)
  for (let i = 0; i < 256; i++) {
    let value = BigInt(i)
    for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ 0xc96c5795d7870f42n : value >> 1n
    high[i] = Number(value >> 32n)
    low[i] = Number(value & 0xffffffffn)
  }
  return [high, low]
}

// cli; hlt; jmp back to hlt
const HALT = Buffer.from([0xfa, 0xf4, 0xeb, 0xfd])

function writeMbr(disk, { type, active, first, count, seed }) {
  HALT.copy(disk, 0)
  digest(Buffer.from(seed)).copy(disk, 440, 0, 4)
  const entry = 446
  disk.writeUInt8(active ? 0x80 : 0, entry)
  // Cylinder, head and sector are given up; readers go by the block numbers.
  for (const at of [entry + 1, entry + 5]) Buffer.from([0xfe, 0xff, 0xff]).copy(disk, at)
  disk.writeUInt8(type, entry + 4)
  disk.writeUInt32LE(first, entry + 8)
  disk.writeUInt32LE(count, entry + 12)
  disk.writeUInt16LE(0xaa55, 510)
}

// A protective MBR, both GPTs and one EFI system partition with /EFI/BOOT/BOOTX64.EFI.
function gptDisk(disk, seed) {
  const sectors = disk.length / SECTOR
  const last = sectors - 1
  writeMbr(disk, { type: 0xee, active: false, first: 1, count: last, seed })
  const first = PARTITION_START
  const end = last - 33
  const entries = Buffer.alloc(128 * 128)
  guid("c12a7328-f81f-11d2-ba4b-00a0c93ec93b").copy(entries, 0)
  guid(uuidOf(`${seed} partition`)).copy(entries, 16)
  entries.writeBigUInt64LE(BigInt(first), 32)
  entries.writeBigUInt64LE(BigInt(end), 40)
  entries.write("EFI system", 56, "utf16le")

  const header = (here, there, table) => {
    const bytes = Buffer.alloc(92)
    bytes.write("EFI PART", 0, "latin1")
    bytes.writeUInt32LE(0x00010000, 8)
    bytes.writeUInt32LE(92, 12)
    bytes.writeBigUInt64LE(BigInt(here), 24)
    bytes.writeBigUInt64LE(BigInt(there), 32)
    bytes.writeBigUInt64LE(34n, 40)
    bytes.writeBigUInt64LE(BigInt(end), 48)
    guid(uuidOf(`${seed} disk`)).copy(bytes, 56)
    bytes.writeBigUInt64LE(BigInt(table), 72)
    bytes.writeUInt32LE(128, 80)
    bytes.writeUInt32LE(128, 84)
    bytes.writeUInt32LE(crc32(entries), 88)
    bytes.writeUInt32LE(crc32(bytes), 16)
    return bytes
  }
  header(1, last, 2).copy(disk, SECTOR)
  entries.copy(disk, 2 * SECTOR)
  entries.copy(disk, (last - 32) * SECTOR)
  header(last, 1, last - 32).copy(disk, last * SECTOR)
  fat12(end - first + 1, first, seed).copy(disk, first * SECTOR)
  return disk
}

function fat12(sectors, hidden, seed) {
  const volume = Buffer.alloc(sectors * SECTOR)
  const fatSectors = Math.ceil((sectors * 1.5) / SECTOR)
  const rootEntries = 64
  volume.write("\xeb\x3c\x90CVMIMG  ", 0, "latin1")
  volume.writeUInt16LE(SECTOR, 11)
  volume.writeUInt8(1, 13)
  volume.writeUInt16LE(1, 14)
  volume.writeUInt8(2, 16)
  volume.writeUInt16LE(rootEntries, 17)
  volume.writeUInt16LE(sectors, 19)
  volume.writeUInt8(0xf8, 21)
  volume.writeUInt16LE(fatSectors, 22)
  volume.writeUInt16LE(17, 24)
  volume.writeUInt16LE(4, 26)
  volume.writeUInt32LE(hidden, 28)
  volume.writeUInt8(0x80, 36)
  volume.writeUInt8(0x29, 38)
  digest(Buffer.from(seed)).copy(volume, 39, 0, 4)
  volume.write("EFI        FAT12   ", 43, "latin1")
  HALT.copy(volume, 62)
  volume.writeUInt16LE(0xaa55, 510)
  // Clusters 2 (EFI), 3 (EFI/BOOT) and 4 (the file) are chains of one.
  const fat = Buffer.from([0xf8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f])
  for (let copy = 0; copy < 2; copy++) fat.copy(volume, (1 + copy * fatSectors) * SECTOR)

  const root = (1 + 2 * fatSectors) * SECTOR
  const data = root + rootEntries * 32
  const cluster = (number) => data + (number - 2) * SECTOR
  const entry = (at, name, attributes, first, size) => {
    volume.write(name.padEnd(11), at, "latin1")
    volume.writeUInt8(attributes, at + 11)
    for (const date of [16, 18, 24]) volume.writeUInt16LE((46 << 9) | (11 << 5) | 1, at + date)
    volume.writeUInt16LE(first, at + 26)
    volume.writeUInt32LE(size, at + 28)
  }
  const program = Buffer.from(`MZ cvmimg sample: ${seed}\n`)
  entry(root, "EFI", 0x08, 0, 0)
  entry(root + 32, "EFI", 0x10, 2, 0)
  entry(cluster(2), ".", 0x10, 2, 0)
  entry(cluster(2) + 32, "..", 0x10, 0, 0)
  entry(cluster(2) + 64, "BOOT", 0x10, 3, 0)
  entry(cluster(3), ".", 0x10, 3, 0)
  entry(cluster(3) + 32, "..", 0x10, 2, 0)
  entry(cluster(3) + 64, "BOOTX64 EFI", 0x20, 4, program.length)
  program.copy(volume, cluster(4))
  return volume
}

function vhdFooter(disk, type) {
  const footer = Buffer.alloc(SECTOR)
  const sectors = disk.length / SECTOR
  // The specification's geometry for small disks, which is all that is made here.
  const tracks = Math.floor(sectors / 17)
  const heads = Math.max(4, Math.ceil(tracks / 1024))
  if (heads > 16) throw new RangeError("a sample VHD holds at most 139 MB")
  footer.write("conectix", 0, "latin1")
  footer.writeUInt32BE(2, 8)
  footer.writeUInt32BE(0x00010000, 12)
  if (type === "fixed") footer.fill(0xff, 16, 24)
  else footer.writeBigUInt64BE(BigInt(SECTOR), 16)
  footer.write("win ", 28, "latin1") // readers take the size below for this creator, not the geometry
  footer.writeUInt32BE(0x000a0000, 32)
  footer.write("Wi2k", 36, "latin1")
  footer.writeBigUInt64BE(BigInt(disk.length), 40)
  footer.writeBigUInt64BE(BigInt(disk.length), 48)
  footer.writeUInt16BE(Math.floor(tracks / heads), 56)
  footer.writeUInt8(heads, 58)
  footer.writeUInt8(17, 59)
  footer.writeUInt32BE(type === "fixed" ? 2 : 3, 60)
  digest(disk).copy(footer, 68, 0, 16)
  footer.writeUInt32BE(onesComplementSum(footer), 64)
  return footer
}

function vmdkDescriptor(sectors, name, cid) {
  return `# Disk DescriptorFile
version=1
CID=${cid.toString(16).padStart(8, "0")}
parentCID=ffffffff
createType="monolithicSparse"

# Extent description
RW ${sectors} SPARSE "${name}"

# The Disk Data Base
#DDB

ddb.virtualHWVersion = "4"
ddb.geometry.cylinders = "${Math.floor(sectors / (16 * 63))}"
ddb.geometry.heads = "16"
ddb.geometry.sectors = "63"
ddb.adapterType = "lsilogic"
`
}

function onesComplementSum(bytes) {
  let sum = 0
  for (const byte of bytes) sum += byte
  return ~sum >>> 0
}

function noise(seed, length) {
  const parts = []
  for (let i = 0; i * 32 < length; i++) parts.push(digest(Buffer.from(`${seed} ${i}`)))
  return Buffer.concat(parts, length)
}

function digest(bytes) {
  return createHash("sha256").update(bytes).digest()
}

function uuidOf(seed) {
  const hex = digest(Buffer.from(seed)).toString("hex")
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-")
}

// The first three groups of a GUID lie on disk with their bytes reversed.
function guid(text) {
  const bytes = Buffer.from(text.replaceAll("-", ""), "hex")
  bytes.subarray(0, 4).reverse()
  bytes.subarray(4, 6).reverse()
  bytes.subarray(6, 8).reverse()
  return bytes
}

function padded(bytes, length) {
  return bytes.length === length ? bytes : Buffer.concat([bytes], length)
}

function isZero(bytes) {
  return bytes.every((byte) => byte === 0)
}

function roundUp(value, unit) {
  return Math.ceil(value / unit) * unit
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [dir] = process.argv.slice(2)
  if (dir === undefined) {
    console.error("usage: node scripts/sample-images.mjs OUTDIR")
    process.exit(64)
  }
  const written = await writeSampleImages(dir)
  for (const { bucket, key, crc64 } of written) console.log(`${bucket}/${key}  crc64 ${crc64}`)
}
