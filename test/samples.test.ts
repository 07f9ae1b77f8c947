// The sample stack names real files: what the generator writes is opened by qemu-img, and is what the
// manifests claim.
import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { Ajv2020 } from "ajv/dist/2020.js"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { parse, parseAllDocuments } from "yaml"
import {
  APPID,
  crc64Ecma,
  isoImage,
  qcow2Image,
  REGIONS,
  rawImage,
  SAMPLE_OBJECTS,
  type SampleFormat,
  type SampleImage,
  vhdImage,
  vmdkImage,
  writeSampleImages,
} from "../scripts/sample-images.mjs"

const manifests = join(import.meta.dirname, "../manifests")
// Not a package of npm, and not needed to run anything but these tests.
const QEMU_IMG = "qemu-img"
const hasQemu = spawnSync(QEMU_IMG, ["--version"]).status === 0

let dir: string
let written: SampleImage[]

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "cvmimg-samples-"))
  written = await writeSampleImages(join(dir, "objects"))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

describe("crc64Ecma", () => {
  test("gives the check value of CRC-64/XZ", () => {
    expect(crc64Ecma(Buffer.from("123456789"))).toBe(0x995dc9bbdf1939fan.toString())
    expect(crc64Ecma(Buffer.alloc(0))).toBe("0")
  })
})

describe("the sample objects", () => {
  test("are the same bytes each time", async () => {
    const again = await writeSampleImages(join(dir, "again"))
    expect(again.map((file) => ({ ...file, path: "" }))).toEqual(
      written.map((file) => ({ ...file, path: "" })),
    )
    for (const [i, { path, crc64 }] of again.entries()) {
      const bytes = readFileSync(path)
      expect(bytes.equals(readFileSync(written[i]?.path ?? ""))).toBe(true)
      expect(crc64Ecma(bytes)).toBe(crc64)
    }
  })

  test("lie in the bucket of every region with the same content", () => {
    expect(written.map(({ bucket, key }) => `${bucket}/${key}`)).toEqual(
      SAMPLE_OBJECTS.flatMap(({ key }) => REGIONS.map((region) => `golden-${region}-${APPID}/${key}`)),
    )
    expect(new Set(written.map(({ crc64 }) => crc64)).size).toBe(SAMPLE_OBJECTS.length)
  })

  test("cover every format", () => {
    expect(new Set(written.map(({ format }) => format))).toEqual(
      new Set<SampleFormat>(["raw", "vhd", "qcow2", "vmdk", "iso"]),
    )
  })

  test("begin or end with the magic numbers of their formats", () => {
    for (const { path, format, key } of written) {
      const bytes = readFileSync(path)
      const at = (start: number, length: number) => bytes.subarray(start, start + length).toString("latin1")
      const magic = {
        raw: () => bytes.readUInt16BE(510) === 0x55aa,
        qcow2: () => at(0, 4) === "QFI\xfb" && bytes.readUInt32BE(4) === 3,
        vhd: () => at(bytes.length - 512, 8) === "conectix",
        vmdk: () => at(0, 4) === "KDMV",
        iso: () => at(0x8001, 5) === "CD001",
      }[format]
      expect(magic(), key).toBe(true)
    }
  })
})

describe.skipIf(!hasQemu)("qemu-img", () => {
  const disks = {
    "an MBR disk": rawImage("a"),
    "an NTFS disk": rawImage("b", { partition: "ntfs" }),
    "a GPT disk": rawImage("c", { table: "gpt" }),
    "an empty disk": Buffer.alloc(64 * 1024),
    "a disk of 2.5 MiB with data in every cluster": Buffer.alloc(2.5 * 1024 * 1024, "data"),
  }
  const formats = {
    qcow2: { driver: "qcow2", check: true, build: qcow2Image },
    "dynamic VHD": { driver: "vpc", check: false, build: vhdImage },
    "fixed VHD": { driver: "vpc", check: false, build: (disk: Buffer) => vhdImage(disk, { type: "fixed" }) },
    VMDK: { driver: "vmdk", check: true, build: vmdkImage },
  }
  const cases = Object.keys(disks).flatMap((disk) => Object.keys(formats).map((format) => ({ disk, format })))

  test.each(cases)("gets $disk back out of a $format", ({ disk, format }) => {
    const raw = disks[disk as keyof typeof disks]
    const { driver, check, build } = formats[format as keyof typeof formats]
    const file = join(dir, `${disk} ${format}`)
    writeFileSync(file, build(raw))
    expect(info(file, driver)).toMatchObject({ format: driver, "virtual-size": raw.length })
    if (check) execFileSync(QEMU_IMG, ["check", "-q", "-f", driver, file])
    execFileSync(QEMU_IMG, ["convert", "-f", driver, "-O", "raw", file, `${file}.raw`])
    expect(readFileSync(`${file}.raw`).equals(raw)).toBe(true)
  })

  test("opens every sample object as what it is", () => {
    const drivers = { raw: "raw", vhd: "vpc", qcow2: "qcow2", vmdk: "vmdk", iso: "raw" }
    for (const { path, format, key } of written) {
      // A fixed VHD has nothing at its front to be known by, so qemu-img has to be told.
      const fixed = format === "vhd" && readFileSync(path).subarray(0, 8).toString("latin1") !== "conectix"
      expect(info(path, fixed ? "vpc" : undefined).format, key).toBe(drivers[format])
      if (format === "qcow2" || format === "vmdk") execFileSync(QEMU_IMG, ["check", "-q", path])
    }
  })

  function info(file: string, driver?: string): { format: string; "virtual-size": number } {
    const told = driver === undefined ? [] : ["-f", driver]
    return JSON.parse(execFileSync(QEMU_IMG, ["info", "--output=json", ...told, file], { encoding: "utf8" }))
  }
})

describe("isoImage", () => {
  test("has a volume descriptor, an El Torito catalog that adds up, and the file", () => {
    const image = isoImage("x")
    const block = (n: number) => image.subarray(n * 2048, (n + 1) * 2048)
    expect(block(16).readUInt32LE(80)).toBe(image.length / 2048)
    expect(block(17).toString("latin1", 7, 30)).toBe("EL TORITO SPECIFICATION")
    expect(block(18)[0]).toBe(255)
    const catalog = block(block(17).readUInt32LE(71))
    let sum = 0
    for (let i = 0; i < 32; i += 2) sum += catalog.readUInt16LE(i)
    expect(sum & 0xffff).toBe(0)
    expect(block(24).toString("latin1")).toContain("sample installer: x")
  })
})

function readJson(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path, "utf8"))
}

interface Document {
  kind: string
  metadata: { name: string }
  spec: {
    match?: string
    family?: string
    source: { url: string; crc64?: string }
    os: { type: string; version: string }
    bootMode?: string
    licenseType?: string
    force?: boolean
    regions?: string[]
    tags?: Record<string, string | null>
  }
}

describe("the sample stack", () => {
  const stack = parse(readFileSync(join(manifests, "cvmimg.yaml"), "utf8"))
  const documents = readdirSync(join(manifests, "images")).flatMap((name) =>
    parseAllDocuments(readFileSync(join(manifests, "images", name), "utf8")).map(
      (document) => document.toJS() as Document,
    ),
  )
  const images = documents.filter(({ kind }) => kind === "Image")
  const formats = (image: Document) => image.spec.source.url.replace(/.*\./, "")

  test("names the generator's regions and appid", () => {
    expect(stack.spec.defaults.regions).toEqual(REGIONS)
    expect(stack.spec.accounts.default.vars.appid).toBe(APPID)
  })

  test("holds to the schema that the first line of each document names to editors", () => {
    const ajv = new Ajv2020({ allErrors: true, strict: false, logger: false, validateFormats: false })
    const schemas = join(manifests, "../schemas")
    for (const name of readdirSync(schemas)) ajv.addSchema(readJson(join(schemas, name)), join(schemas, name))
    const paths = [
      join(manifests, "cvmimg.yaml"),
      ...readdirSync(join(manifests, "images")).map((name) => join(manifests, "images", name)),
    ]
    for (const path of paths) {
      for (const text of readFileSync(path, "utf8").split(/^---\n/m)) {
        const named = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text)?.[1]
        if (named === undefined) throw new Error(`${path} names no schema`)
        const validate = ajv.getSchema(join(dirname(path), named))
        if (validate === undefined) throw new Error(`${path} names ${named}, which does not exist`)
        void validate(parse(text))
        expect(validate.errors ?? [], path).toEqual([])
      }
    }
  })

  test("gives the checksum of the file that lies under each URL, and leaves no file unused", () => {
    const used = new Set<string>()
    for (const { metadata, spec } of images) {
      for (const region of spec.regions ?? REGIONS) {
        const url = new URL(spec.source.url.replaceAll("{region}", region).replaceAll("{var.appid}", APPID))
        const [bucket, ...host] = url.hostname.split(".")
        expect(host.join("."), metadata.name).toBe(`cos.${region}.myqcloud.com`)
        const file = written.find((file) => file.bucket === bucket && `/${file.key}` === url.pathname)
        if (file === undefined) throw new Error(`${metadata.name}: nothing is written for ${url.href}`)
        used.add(file.key)
        if (spec.source.crc64 !== undefined) expect(spec.source.crc64, metadata.name).toBe(file.crc64)
      }
    }
    expect(used).toEqual(new Set(SAMPLE_OBJECTS.map(({ key }) => key)))
  })

  test("shows each of the things that an image can be", () => {
    const having = (is: (image: Document) => boolean) => images.filter(is).length
    expect(new Set(images.map(formats))).toEqual(new Set(["raw", "vhd", "qcow2", "vmdk", "iso"]))
    expect(images.filter((image) => formats(image) === "iso").every(({ spec }) => spec.force)).toBe(true)
    expect(having(({ spec }) => spec.match === "family" && spec.family !== undefined)).toBe(1)
    expect(having(({ spec }) => spec.match === undefined && spec.family !== undefined)).toBe(1)
    expect(having(({ spec }) => spec.bootMode === "UEFI")).toBe(1)
    expect(having(({ spec }) => spec.licenseType === "BYOL" && spec.os.version === "-")).toBe(1)
    expect(having(({ spec }) => spec.regions?.length === 1)).toBe(1)
    expect(having(({ spec }) => Object.values(spec.tags ?? {}).includes(null))).toBe(1)
    expect(having(({ spec }) => spec.source.crc64 !== undefined)).toBeGreaterThan(3)
    expect(documents.filter(({ kind }) => kind === "Family")).toHaveLength(1)
  })
})
