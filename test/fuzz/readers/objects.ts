/** The bytes of image files, as the checks and the emulator judge them. */
import { HEAD_BYTES, identify, needsTail, TAIL_BYTES } from "../../../src/check/formats.ts"
import { sniff } from "../../../src/emulator/formats.ts"
import { gptDisk, iso, qcow2, rawDisk, vhd, vmdk } from "../../emulator/disks.ts"
import { damaged, noise } from "../mutate.ts"
import type { Reader } from "../reader.ts"

const GOOD = [qcow2(20), qcow2(20, 2), vmdk(8), vhd(8), rawDisk(), gptDisk(), iso()].map((b) =>
  b.subarray(0, 40_960),
)
const DESCRIPTOR = Buffer.from(
  `# Disk DescriptorFile\nversion=1\nparentCID=ffffffff\ncreateType="twoGbMaxExtentSparse"\nRW 2097152 SPARSE "a.vmdk"\n${"#".repeat(600)}`,
)

export const objects: Reader = {
  name: "objects",
  input(r) {
    if (r.chance(0.05)) return noise(r, r.int(2_000))
    const good = [...GOOD, DESCRIPTOR]
    const bytes = damaged(r, r.pick(good), r.pick(good))
    // Headers are where decisions are made.
    for (let n = r.int(6); n > 0 && bytes.length > 0; n -= 1)
      bytes[r.int(Math.min(128, bytes.length))] = r.pick([0, 1, 0x7f, 0x80, 0xff, r.int(256)])
    return bytes
  },
  read(input) {
    const size = input.length
    const head = input.subarray(0, HEAD_BYTES)
    const tail = needsTail(head) ? input.subarray(-TAIL_BYTES) : undefined
    const content = identify(size, head, tail)
    const claimed = identify(2 ** 50, head, tail)
    const verdict = sniff(size, (offset, length) => input.subarray(offset, offset + length), input[0] === 0)
    return { written: [content, claimed, verdict].map((value) => JSON.stringify(value)) }
  },
}
