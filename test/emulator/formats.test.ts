import { expect, test } from "vitest"
import { sniff } from "../../src/emulator/formats.ts"
import { gptDisk, iso, qcow2, rawDisk, vhd, vmdk } from "./disks.ts"

function look(bytes: Buffer, force = false, size = bytes.length): ReturnType<typeof sniff> {
  return sniff(size, (offset, length) => bytes.subarray(offset, offset + length), force)
}

const gib = 1024 ** 3

test("the formats are known by their bytes", () => {
  expect(look(qcow2(20))).toEqual({ format: "qcow2", virtualBytes: 20 * gib })
  expect(look(qcow2(20, 2))).toEqual({ format: "qcow2", virtualBytes: 20 * gib })
  expect(look(vmdk(8))).toEqual({ format: "vmdk", virtualBytes: 8 * gib })
  expect(look(vhd(8))).toEqual({ format: "vhd", virtualBytes: 8 * gib })
  expect(look(rawDisk())).toEqual({ format: "raw", virtualBytes: 1024 ** 2 })
  expect(look(gptDisk())).toEqual({ format: "raw", virtualBytes: 1024 ** 2 })
  expect(look(iso(), true)).toEqual({ format: "iso", virtualBytes: 40_000 })
  const descriptor = Buffer.from(
    `# Disk DescriptorFile\nversion=1\nRW 2097152 SPARSE "a.vmdk"\n${"#".repeat(600)}`,
  )
  expect(look(descriptor)).toEqual({ format: "vmdk", virtualBytes: gib })
})

test("what is broken, too large, or no disk is not imported", () => {
  expect(look(Buffer.alloc(0))).toEqual({ reason: "InvalidFormatSize" })
  expect(look(qcow2(20, 9))).toEqual({ reason: "InvalidFormatSize" })
  expect(look(qcow2(0))).toEqual({ reason: "InvalidFormatSize" })
  expect(look(qcow2(500))).toMatchObject({ format: "qcow2" })
  expect(look(qcow2(501))).toEqual({ reason: "InvalidFormatSize" })
  expect(look(qcow2(20), false, 51 * gib)).toEqual({ reason: "InvalidFormatSize" })
  const footer = vhd(8)
  footer.writeUInt8(1, footer.length - 100)
  expect(look(footer)).toEqual({ reason: "InvalidFormatSize" })
  expect(look(Buffer.alloc(4096))).toEqual({ reason: "PartitionNotPresent" })
  expect(look(iso())).toEqual({ reason: "InvalidFormatSize" })
  expect(look(qcow2(20).subarray(0, 60))).toEqual({ reason: "InvalidFormatSize" })
})
