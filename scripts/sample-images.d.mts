export type SampleFormat = "raw" | "vhd" | "qcow2" | "vmdk" | "iso"

export interface SampleImage {
  /** Name and appid: the first label of the object's host. */
  bucket: string
  key: string
  path: string
  format: SampleFormat
  /** As COS reports it: decimal. */
  crc64: string
}

export interface SampleObject {
  key: string
  format: SampleFormat
  build: (key: string) => Buffer
}

export declare const APPID: string
export declare const REGIONS: string[]
export declare const SAMPLE_OBJECTS: SampleObject[]

/** Writes every sample object below `dir` as `<bucket-appid>/<key>`, once per bucket, and lists them. */
export declare function writeSampleImages(dir: string): Promise<SampleImage[]>

/** A disk with one partition. `seed` is written into it and makes its bytes differ from other disks'. */
export declare function rawImage(
  seed: string,
  options?: { table?: "mbr" | "gpt"; partition?: "linux" | "ntfs" },
): Buffer

/** qcow2 version 3 that holds the raw `disk`. */
export declare function qcow2Image(disk: Buffer): Buffer

/** VHD that holds the raw `disk`: dynamic (default) or fixed. */
export declare function vhdImage(disk: Buffer, options?: { type?: "dynamic" | "fixed" }): Buffer

/** monolithicSparse VMDK that holds the raw `disk`; `name` stands in its descriptor. */
export declare function vmdkImage(disk: Buffer, name?: string): Buffer

/** ISO 9660 with one file and an El Torito boot entry. */
export declare function isoImage(seed: string): Buffer

/** CRC-64/ECMA-182 in the reflected form that COS gives in x-cos-hash-crc64ecma, decimal. */
export declare function crc64Ecma(bytes: Uint8Array): string
