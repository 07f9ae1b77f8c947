import * as fc from "fast-check"
import { describe, expect, it, test } from "vitest"
import { isoImage, qcow2Image, rawImage, vhdImage, vmdkImage } from "../../scripts/sample-images.mjs"
import type { Content } from "../../src/check/content.ts"
import { HEAD_BYTES, identify, needsTail, TAIL_BYTES } from "../../src/check/formats.ts"
import { cpuOf } from "../support/cpu.ts"

/** As a probe sees the file: the head, and the tail where it is asked for. */
function look(file: Buffer, size: number = file.length): Content {
  const head = file.subarray(0, HEAD_BYTES)
  return identify(size, head, needsTail(head) ? file.subarray(-TAIL_BYTES) : undefined)
}

const DISK = rawImage("formats")
const edited = (file: Buffer, edit: (bytes: Buffer) => void): Buffer => {
  const copy = Buffer.from(file)
  edit(copy)
  return copy
}
/** Of the bytes that are a VHD's footer. */
const sum = (footer: Buffer): number => {
  footer.writeUInt32BE(0, 64)
  return ~footer.reduce((total, byte) => total + byte, 0) >>> 0
}

describe("the samples", () => {
  test.each<[string, Buffer, Content]>([
    ["raw", DISK, { format: "raw", virtualSize: DISK.length, storesZeros: true }],
    [
      "raw with a GPT",
      rawImage("g", { table: "gpt" }),
      { format: "raw", virtualSize: DISK.length, storesZeros: true },
    ],
    ["qcow2", qcow2Image(DISK), { format: "qcow2", virtualSize: DISK.length }],
    ["vmdk", vmdkImage(DISK), { format: "vmdk", virtualSize: DISK.length }],
    ["dynamic vhd", vhdImage(DISK), { format: "vhd", virtualSize: DISK.length, storesZeros: false }],
    [
      "fixed vhd",
      vhdImage(DISK, { type: "fixed" }),
      { format: "vhd", virtualSize: DISK.length, storesZeros: true },
    ],
    ["iso", isoImage("i"), { format: "iso", virtualSize: isoImage("i").length }],
  ])("%s", (_, file, content) => {
    expect(look(file)).toEqual(content)
  })

  it("ask for the end of the file only where a VHD may be", () => {
    expect([qcow2Image(DISK), vmdkImage(DISK), isoImage("i")].map(needsTail)).toEqual([false, false, false])
    expect([DISK, vhdImage(DISK), vhdImage(DISK, { type: "fixed" })].map(needsTail)).toEqual([
      true,
      true,
      true,
    ])
  })
})

describe("what cannot be imported", () => {
  const qcow2 = qcow2Image(DISK)
  const vhd = vhdImage(DISK)
  const vmdk = vmdkImage(DISK)
  const footers = (edit: (footer: Buffer) => void): Buffer =>
    edited(vhd, (bytes) => {
      for (const footer of [bytes.subarray(0, 512), bytes.subarray(-512)]) {
        edit(footer)
        footer.writeUInt32BE(sum(footer), 64)
      }
    })
  test.each<[string, Buffer, string, RegExp]>([
    ["qcow2 of version 9", edited(qcow2, (b) => b.writeUInt32BE(9, 4)), "format_broken", /version 9/],
    [
      "qcow2 with clusters of 2^40",
      edited(qcow2, (b) => b.writeUInt32BE(40, 20)),
      "format_broken",
      /clusters/,
    ],
    ["qcow2 of no size", edited(qcow2, (b) => b.writeBigUInt64BE(0n, 24)), "format_broken", /no bytes/],
    [
      "qcow2 with a short header",
      edited(qcow2, (b) => b.writeUInt32BE(72, 100)),
      "format_broken",
      /too short/,
    ],
    [
      "qcow2 with a backing file",
      edited(qcow2, (b) => b.writeBigUInt64BE(200n, 8)),
      "needs_other_file",
      /backing/,
    ],
    ["qcow2 with a data file", edited(qcow2, (b) => b.writeUInt32BE(4, 76)), "needs_other_file", /external/],
    ["qcow2 marked corrupt", edited(qcow2, (b) => b.writeUInt32BE(2, 76)), "format_broken", /corrupt/],
    ["encrypted qcow2", edited(qcow2, (b) => b.writeUInt32BE(2, 32)), "encrypted", /encrypted/],
    [
      "qcow2 cut short",
      edited(qcow2, (b) => b.writeBigUInt64BE(1n << 40n, 40)),
      "format_broken",
      /cut short/,
    ],
    ["vhd cut short", vhd.subarray(0, -1024), "format_broken", /cut short/],
    ["vhd of type 9", footers((f) => f.writeUInt32BE(9, 60)), "format_broken", /type 9/],
    ["differencing vhd", footers((f) => f.writeUInt32BE(4, 60)), "needs_other_file", /parent/],
    ["vhd of no size", footers((f) => f.writeBigUInt64BE(0n, 48)), "format_broken", /no bytes/],
    [
      "vhd with a wrong checksum",
      edited(vhd, (b) => b.writeUInt8(7, b.length - 1)),
      "format_broken",
      /checksum/,
    ],
    ["vmdk of version 9", edited(vmdk, (b) => b.writeUInt32LE(9, 4)), "format_broken", /version 9/],
    ["vmdk of no size", edited(vmdk, (b) => b.writeBigUInt64LE(0n, 12)), "format_broken", /no bytes/],
    ["vmdk cut short", edited(vmdk, (b) => b.writeBigUInt64LE(1n << 40n, 56)), "format_broken", /cut short/],
    [
      "split vmdk",
      Buffer.from(vmdk.toString("latin1").replace("monolithicSparse", "twoGbMaxExtentSp"), "latin1"),
      "needs_other_file",
      /split/,
    ],
    [
      "vmdk snapshot",
      Buffer.from(vmdk.toString("latin1").replace("parentCID=ffffffff", "parentCID=0badcafe"), "latin1"),
      "needs_other_file",
      /parent/,
    ],
    [
      "vmdk descriptor",
      Buffer.from(`# Disk DescriptorFile\nRW 2048 FLAT "disk-flat.vmdk" 0\n${"#".repeat(600)}`),
      "needs_other_file",
      /descriptor/,
    ],
    ["zeros", Buffer.alloc(4096), "no_partition_table", /partition/],
    ["a few bytes", Buffer.from("hello"), "format_broken", /5 bytes/],
  ])("%s", (_, file, code, message) => {
    const { problem } = look(file)
    expect(problem?.code).toBe(code)
    expect(problem?.message).toMatch(message)
  })

  test.each([
    ["\u001f\u008b\u0008", "a gzip archive"],
    ["\u00fd7zXZ\u0000", "an xz archive"],
    ["vhdxfile", "a VHDX image, which has to be converted to VHD"],
    ["<!DOCTYPE html>", "an HTML page"],
    [`${" ".repeat(257)}ustar`, "a tar archive, such as an OVA"],
  ])("%j is named", (magic, what) => {
    expect(look(Buffer.from(magic.padEnd(2048, " "), "latin1"))).toEqual({ other: what })
  })

  it("a VHD whose end could not be seen is judged by its beginning", () => {
    expect(identify(vhd.length, vhd.subarray(0, HEAD_BYTES))).toMatchObject({
      format: "vhd",
      virtualSize: DISK.length,
    })
  })

  it("a sparse extent of ESX has its size, a descriptor the sum of its extents", () => {
    const cowd = edited(Buffer.alloc(1024), (b) => {
      b.write("COWD")
      b.writeUInt32LE(2048, 12)
    })
    expect(look(cowd)).toEqual({ format: "vmdk", virtualSize: 2048 * 512 })
    const text = '# Disk DescriptorFile\nRW 100 FLAT "a"\nRDONLY 20 ZERO\nNOACCESS 7 ZERO\n'
    expect(look(Buffer.from(text.padEnd(1024, "#"))).virtualSize).toBe(120 * 512)
  })
})

describe("hostile bytes", () => {
  const magics = [
    "",
    "QFI\u00fb\u0000\u0000\u0000\u0003",
    "KDMV\u0001\u0000\u0000\u0000",
    "conectix",
    "COWD",
    "# Disk DescriptorFile\nRW ",
  ]
  it("never throw, and give sizes that are numbers", () => {
    const bytes = fc.uint8Array({ maxLength: 1_200 })
    fc.assert(
      fc.property(fc.constantFrom(...magics), bytes, bytes, fc.nat(), (magic, rest, end, size) => {
        const head = Buffer.concat([Buffer.from(magic, "latin1"), rest])
        const tails = [undefined, end, Buffer.concat([Buffer.from("conectix", "latin1"), end])]
        for (const tail of tails) {
          const content = identify(size, head, tail)
          const { virtualSize = 0 } = content
          expect(Number.isFinite(virtualSize) && virtualSize >= 0).toBe(true)
          // Either something is wrong with it, or it is an image with a disk in it.
          if (content.problem === undefined && content.other === undefined)
            expect(content.format).toBeDefined()
        }
        expect(typeof needsTail(head)).toBe("boolean")
      }),
      { numRuns: 2_000 },
    )
  })

  it("cost linear time", async () => {
    const descriptor = Buffer.from(`# Disk DescriptorFile\n${"RW 1 ".repeat(8_000)}`)
    const took = await cpuOf(() => {
      for (let i = 0; i < 100; i++) look(descriptor)
    })
    expect(took).toBeLessThan(2_000)
  })
})
