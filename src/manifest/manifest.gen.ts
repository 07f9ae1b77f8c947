// Written by scripts/gen.mjs from schemas/*.schema.json. Do not edit.

export interface Manifests {
  Stack: StackManifest
  Image: ImageManifest
  Family: FamilyManifest
}
/**
 * The stack: the directory with this file, `cvmimg.yaml`, and all manifests below it.
 */
export interface StackManifest {
  /**
   * Version of the format.
   */
  apiVersion: "cvmimg/v1"
  /**
   * What the document is.
   */
  kind: "Stack"
  metadata: StackMetadata
  spec?: StackSpec
}
/**
 * Who the stack is.
 */
export interface StackMetadata {
  /**
   * Name of the stack, in reports and in the tag `cvmimg.stack`. Its hash is the owner written on every image, so a renamed stack needs the old `id`.
   */
  name: string
  /**
   * The owner written on every image: 8 hex digits in quotes. Default: a hash of the name. Set it to rename a stack, or to tell two of one name apart.
   */
  id?: string
  labels?: Labels
}
/**
 * Free keys and values for people. They are not written to the cloud.
 */
export interface Labels {
  [k: string]: string
}
/**
 * Accounts, defaults and limits.
 */
export interface StackSpec {
  /**
   * `intl` (default): tencentcloud.com; `cn`: cloud.tencent.com. They have separate accounts and endpoints, and some parameters exist only on `cn`.
   */
  site?: "intl" | "cn"
  /**
   * The accounts that images are imported into, by a name of your choice. Default: one account `default` with the standard credential chain.
   */
  accounts?: {
    [k: string]: StackAccount
  }
  defaults?: ImageSpec
  safety?: StackSafety
  prune?: StackPrune
  provenance?: StackProvenance
  apply?: StackApply
  drift?: StackDrift
}
/**
 * One account. Keys are never written here; they come from the environment, a profile or a role.
 */
export interface StackAccount {
  /**
   * Values for `{var.NAME}` in URLs, descriptions and tags.
   */
  vars?: {
    [k: string]: string
  }
  /**
   * Name of the profile that holds the keys, in `~/.tccli/<profile>.credential` or a section of `~/.tencentcloud/credentials`.
   */
  profile?: string
  assumeRole?: StackAssumeRole
  /**
   * Regions of this account, for images that name none themselves. They win over the regions of `spec.defaults`.
   *
   * @minItems 1
   */
  regions?: string[]
}
/**
 * A role to assume with those keys.
 */
export interface StackAssumeRole {
  /**
   * RoleArn of the role.
   */
  arn: string
  /**
   * RoleSessionName, 2 to 128 characters. Default `cvmimg`.
   */
  sessionName?: string
  /**
   * ExternalId that the role's trust policy asks for.
   */
  externalId?: string
}
/**
 * Any part of an Image's `spec`, merged under every Image: maps merge key by key, lists are replaced, the Image wins.
 */
export interface ImageSpec {
  /**
   * How the image is found in the cloud. `name` (default): the private image with exactly this name; a changed source replaces it. `family`: the newest image of this stack in `family`; a changed source imports the next member beside the others, named `<name>-<hash>`.
   */
  match?: "name" | "family"
  /**
   * ImageFamily: consumers boot the newest usable image of a family, so giving it is a release. Changed in place. Absent: not managed. Empty text: must be in no family.
   */
  family?: string
  /**
   * Text for people, the first part of ImageDescription; the mark of cvmimg follows it. One line, at most 180 characters, may hold placeholders. Changed in place. Absent: not managed. Empty text: must be empty.
   */
  description?: string
  source?: ImageSource
  os?: ImageOs
  /**
   * Architecture: `x86_64` (default), `i386`, or `arm_64` (only `site: cn`). A change of it replaces the image.
   */
  architecture?: "x86_64" | "i386" | "arm_64"
  /**
   * BootMode: `Legacy BIOS` (the API's default) or `UEFI`. It cannot be read back. A change of it replaces the image.
   */
  bootMode?: "Legacy BIOS" | "UEFI"
  /**
   * LicenseType: `TencentCloud` (the API's default) or `BYOL`, the licence is yours; such an image cannot be shared. A change of it replaces the image.
   */
  licenseType?: "TencentCloud" | "BYOL"
  /**
   * Force: import without the service's checks of the system, for images that cannot carry cloud-init. ISO files need it. It only steers the import; a change replaces nothing. Default `false`.
   */
  force?: boolean
  /**
   * ImportImageDataDiskList: data disks that come with the image. Only `site: cn`. A change of it replaces the image.
   *
   * @maxItems 20
   */
  dataDisks?: ImageDataDisk[]
  /**
   * Tags of the image. Only the named keys are managed; `null`: the tag must be absent. Values may hold placeholders. Changed in place. Key at most 127, value 1 to 255 characters, of letters, digits, inner spaces and `+ - = . _ : / @ ( ) [ ] , ; > <`; not starting with `qcs:`, `project`, `qcloud`, `tencent` or `cvmimg.`.
   */
  tags?: {
    [k: string]: string | null
  }
  /**
   * Root accounts that the image is shared with, as text. The whole list is managed: others are cancelled. Absent: not managed. Empty list: shared with nobody.
   *
   * @maxItems 500
   */
  sharedWith?: string[]
  /**
   * Accounts of the stack that get the image. Default: all of them.
   *
   * @minItems 1
   */
  accounts?: string[]
  /**
   * Regions that get the image. The Image's own list wins; else the account's `regions`; else the list of the Stack's defaults.
   *
   * @minItems 1
   */
  regions?: string[]
  /**
   * ImageDeprecated: a deprecated image is no longer what its family resolves to. Changed in place. Absent: not managed.
   */
  deprecated?: boolean
  /**
   * When name and family move: `perRegion` (default): in each region as soon as its import is usable; `together`: nowhere until all of them are.
   */
  release?: "perRegion" | "together"
  lifecycle?: ImageLifecycle
}
/**
 * The image file. A change of it replaces the image.
 */
export interface ImageSource {
  /**
   * ImageUrl: the address of an object in Tencent COS, `https://<bucket>-<appid>.cos.<region>.myqcloud.com/<key>`, without signature. May hold `{region}`, `{account}` and `{var.NAME}`. Outside mainland China the bucket must lie in the region of the image.
   */
  url?: string
  /**
   * Format of the file. Default: from the extension of the URL. `iso` is imported only with `force: true`.
   */
  format?: "raw" | "vhd" | "qcow2" | "vmdk" | "iso"
  /**
   * CRC-64 of the file as COS returns it in `x-cos-hash-crc64ecma`: decimal, in quotes. COS confirms it before the import, and it identifies the content whatever the URL.
   */
  crc64?: string
  /**
   * SHA-256 of the file, 64 hex digits. It identifies the content whatever the URL; COS cannot confirm it, so it is shown as not verifiable.
   */
  sha256?: string
  /**
   * `true`: the object is private, and the URL is signed at the time of each call with the account's own keys. `false` (default): the object is public.
   */
  sign?: boolean
  /**
   * Another account of the stack whose keys sign the URL, where the bucket is not the importing account's. Needs `sign: true`.
   */
  signAs?: string
  /**
   * What it means that the object under the same URL has changed since the import: `notice` (default) or `replace`.
   */
  onChange?: "notice" | "replace"
}
/**
 * The operating system, as DescribeImportImageOs lists it. A change of it replaces the image.
 */
export interface ImageOs {
  /**
   * OsType: a name out of DescribeImportImageOs.
   */
  type?: string
  /**
   * OsVersion: a version that DescribeImportImageOs lists for the type, in quotes; `"-"` for systems without versions.
   */
  version?: string
}
/**
 * One data disk.
 */
export interface ImageDataDisk {
  /**
   * Address of the disk's file in COS, as for `source.url`.
   */
  url: string
}
/**
 * What may happen to the image, and what becomes of the ones before it.
 */
export interface ImageLifecycle {
  /**
   * `managed` (default), or `released`: cvmimg takes its marks off and keeps the image.
   */
  state?: "managed" | "released"
  /**
   * What a change that cannot be made in place does: `replace` (default), or `refuse`: the plan says so and does nothing.
   */
  onChange?: "replace" | "refuse"
  /**
   * What becomes of a replaced image beyond `keepPrevious`: `keep`, `deprecate` (default) or `delete`.
   */
  retire?: "keep" | "deprecate" | "delete"
  /**
   * How many replaced images stay as they are, to go back to. Default 1.
   */
  keepPrevious?: number
  /**
   * DeleteBindedSnap: a deletion takes the snapshots with it, which cost money otherwise. Default `true`.
   */
  deleteSnapshots?: boolean
  /**
   * `true`: never replaced, deprecated or deleted by cvmimg. Default `false`.
   */
  protect?: boolean
  /**
   * `true`: an image that stands there already and was not imported by cvmimg is taken over. Default `false`: it is left alone, with a notice.
   */
  adopt?: boolean
  /**
   * `true`: a replacement may go ahead although the old image is shared with accounts that the manifest does not name. Default `false`.
   */
  allowLostShares?: boolean
}
/**
 * Brakes: the most that one run may do, as a number of images or as a percentage of the stack's images (`"30%"`, counted from 10 images on). More is refused before anything is written, until the number is named: `--allow-deletes 3`.
 */
export interface StackSafety {
  /**
   * Images deleted in one run. Default 0.
   */
  maxDeletes?: number | string
  /**
   * Images replaced in one run. Default 2.
   */
  maxReplaces?: number | string
  /**
   * Images whose family resolves to another image after the run. Default 5.
   */
  maxFamilyMoves?: number | string
  /**
   * Images deprecated in one run. Default 10.
   */
  maxDeprecates?: number | string
}
/**
 * What becomes of images of this stack that no manifest names any more.
 */
export interface StackPrune {
  /**
   * `keep` (default): only a notice; `deprecate` or `delete`: carried out with `--prune=orphans`.
   */
  orphans?: "keep" | "deprecate" | "delete"
}
/**
 * The marks that cvmimg leaves on its images.
 */
export interface StackProvenance {
  /**
   * `true` (default): the tags `cvmimg.stack` and `cvmimg.image` beside the mark in the description. `false` where the right to create tags is missing.
   */
  tags?: boolean
}
/**
 * How an apply works.
 */
export interface StackApply {
  /**
   * Requests on the wire at a time, over all accounts and regions. Default 10.
   */
  concurrency?: number
  /**
   * Imports accepted and not yet finished, per account and region. Default: no limit.
   */
  maxImporting?: number
  /**
   * How long one import may take until it is reported as still running. Default `2h`.
   */
  importTimeout?: string
  /**
   * How long an accepted import may stay invisible in listings before it counts as lost. Default `30m`.
   */
  visibilityWindow?: string
}
/**
 * How `drift` judges.
 */
export interface StackDrift {
  /**
   * Differences that are known and accepted. A rule holds for all that it does not narrow down.
   *
   * @maxItems 1000
   */
  ignore?: DriftIgnore[]
}
/**
 * One accepted difference.
 */
export interface DriftIgnore {
  /**
   * Only this image; `*` stands for any characters. Default: every image.
   */
  image?: string
  /**
   * Only this account of the stack. Default: every account.
   */
  account?: string
  /**
   * Only this region. Default: every region.
   */
  region?: string
  /**
   * Only this field, as drift names it; `*` stands for any characters. Default: every field, and whatever else the verdict would be.
   */
  field?: string
  /**
   * Why it is accepted; shown in reports.
   */
  reason: string
  /**
   * The last day on which the rule holds (UTC). Default: for ever.
   */
  until?: string
}
/**
 * One imported image of Tencent Cloud CVM, wanted in every account and region that it names.
 */
export interface ImageManifest {
  /**
   * Version of the format.
   */
  apiVersion: "cvmimg/v1"
  /**
   * What the document is.
   */
  kind: "Image"
  metadata: ImageMetadata
  spec: ImageSpec1
}
/**
 * Who the image is.
 */
export interface ImageMetadata {
  /**
   * Address of the image in plans and on the command line, and with `match: name` its ImageName in the cloud. Letters, digits, `.`, `_`, `-` and inner spaces; at most 42 characters (51 with `match: family`), because the names of a replacement (`.next-<hash>`, `.prev-<image id>`, `-<hash>`) need room in the API's 60.
   */
  name: string
  labels?: Labels1
  /**
   * Names that this image had before, the latest first. An image of this stack that still has one of them is renamed in place instead of being imported again, or replaced under the new name where its spec changed too. Keep a name here as long as images stand that were replaced under it: without it they are orphans.
   *
   * @maxItems 20
   */
  formerNames?: string[]
}
/**
 * Free keys and values to select by (`-l tier=base`). They stay in the manifest and are not written to the cloud.
 */
export interface Labels1 {
  [k: string]: string
}
/**
 * What the image is to be. Every key may also come from `spec.defaults` of the Stack: maps merge key by key, lists are replaced, the Image wins. `source.url`, `os.type` and `os.version` must come from one of the two.
 */
export interface ImageSpec1 {
  /**
   * How the image is found in the cloud. `name` (default): the private image with exactly this name; a changed source replaces it. `family`: the newest image of this stack in `family`; a changed source imports the next member beside the others, named `<name>-<hash>`.
   */
  match?: "name" | "family"
  /**
   * ImageFamily: consumers boot the newest usable image of a family, so giving it is a release. Changed in place. Absent: not managed. Empty text: must be in no family.
   */
  family?: string
  /**
   * Text for people, the first part of ImageDescription; the mark of cvmimg follows it. One line, at most 180 characters, may hold placeholders. Changed in place. Absent: not managed. Empty text: must be empty.
   */
  description?: string
  source?: ImageSource
  os?: ImageOs
  /**
   * Architecture: `x86_64` (default), `i386`, or `arm_64` (only `site: cn`). A change of it replaces the image.
   */
  architecture?: "x86_64" | "i386" | "arm_64"
  /**
   * BootMode: `Legacy BIOS` (the API's default) or `UEFI`. It cannot be read back. A change of it replaces the image.
   */
  bootMode?: "Legacy BIOS" | "UEFI"
  /**
   * LicenseType: `TencentCloud` (the API's default) or `BYOL`, the licence is yours; such an image cannot be shared. A change of it replaces the image.
   */
  licenseType?: "TencentCloud" | "BYOL"
  /**
   * Force: import without the service's checks of the system, for images that cannot carry cloud-init. ISO files need it. It only steers the import; a change replaces nothing. Default `false`.
   */
  force?: boolean
  /**
   * ImportImageDataDiskList: data disks that come with the image. Only `site: cn`. A change of it replaces the image.
   *
   * @maxItems 20
   */
  dataDisks?: ImageDataDisk[]
  /**
   * Tags of the image. Only the named keys are managed; `null`: the tag must be absent. Values may hold placeholders. Changed in place. Key at most 127, value 1 to 255 characters, of letters, digits, inner spaces and `+ - = . _ : / @ ( ) [ ] , ; > <`; not starting with `qcs:`, `project`, `qcloud`, `tencent` or `cvmimg.`.
   */
  tags?: {
    [k: string]: string | null
  }
  /**
   * Root accounts that the image is shared with, as text. The whole list is managed: others are cancelled. Absent: not managed. Empty list: shared with nobody.
   *
   * @maxItems 500
   */
  sharedWith?: string[]
  /**
   * Accounts of the stack that get the image. Default: all of them.
   *
   * @minItems 1
   */
  accounts?: string[]
  /**
   * Regions that get the image. The Image's own list wins; else the account's `regions`; else the list of the Stack's defaults.
   *
   * @minItems 1
   */
  regions?: string[]
  /**
   * ImageDeprecated: a deprecated image is no longer what its family resolves to. Changed in place. Absent: not managed.
   */
  deprecated?: boolean
  /**
   * When name and family move: `perRegion` (default): in each region as soon as its import is usable; `together`: nowhere until all of them are.
   */
  release?: "perRegion" | "together"
  lifecycle?: ImageLifecycle
}
/**
 * How many images of a family are kept.
 */
export interface FamilyManifest {
  /**
   * Version of the format.
   */
  apiVersion: "cvmimg/v1"
  /**
   * What the document is.
   */
  kind: "Family"
  metadata: FamilyMetadata
  spec: FamilySpec
}
/**
 * Which family it is.
 */
export interface FamilyMetadata {
  /**
   * The ImageFamily, as in `spec.family` of the images.
   */
  name: string
  labels?: Labels2
}
/**
 * Free keys and values for people. They are not written to the cloud.
 */
export interface Labels2 {
  [k: string]: string
}
/**
 * Retention, carried out with `--prune=retention`. Only images of this stack count; the newest usable one, protected ones and shared ones always stay.
 */
export interface FamilySpec {
  retain: FamilyRetain
  /**
   * What becomes of the others: `deprecate` (default) or `delete`.
   */
  beyond?: "deprecate" | "delete"
}
/**
 * Which images are kept: an image stays if either rule holds.
 */
export interface FamilyRetain {
  /**
   * The newest so many of each account and region.
   */
  last?: number
  /**
   * All that were created within this time.
   */
  within?: string
}
