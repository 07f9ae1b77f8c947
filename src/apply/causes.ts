/**
 * Why an import may have failed. The API tells no cause: the service sends it as a message of the console to those
 * who subscribed. What is left is the list of causes that its guide names, narrowed by what the request says.
 */
import type { ImportRequest } from "../model/request.ts"

/** What is known of the import: the request in the run that sent it, the system's name in one that found it. */
export interface ImportFacts {
  readonly request?: ImportRequest
  readonly osName?: string
}

/** One text: the causes that fit, numbered, and how to go on. */
export function importFailedAdvice(facts: ImportFacts): string {
  const causes = [
    source(),
    format(facts.request),
    drivers(facts),
    cloudInit(facts),
    disk(),
    boot(facts.request),
  ]
  const numbered = causes.map((cause, at) => `(${at + 1}) ${cause}`).join("; ")
  return (
    `Known causes: ${numbered}. The cause itself is in the console's message centre (or by e-mail or SMS, if ` +
    "subscribed). Mend the source, then apply with --retry-failed, or change the spec."
  )
}

function source(): string {
  return (
    "the object could not be fetched: it must be in COS in the image's own region, public or signed for as long as " +
    "the import takes, and stay there until the end"
  )
}

function format(request: ImportRequest | undefined): string {
  const extension = /\.([a-z0-9]{2,5})(?:\?|$)/i.exec(request?.url ?? "")?.[1]?.toLowerCase()
  if (extension === "iso") return "the ISO file is an installer and not an installed system"
  const what = extension === undefined ? "one of raw, vhd, qcow2, vmdk" : `what its name says, ${extension}`
  return `the file is not ${what}, is damaged, or holds more than 50 GB of data or 500 GB in all once it is qcow2`
}

function drivers(facts: ImportFacts): string {
  return isWindows(facts)
    ? "the virtio drivers for Windows are not installed"
    : "the virtio drivers (virtio_blk, virtio_net) are not in kernel and initramfs"
}

function cloudInit(facts: ImportFacts): string {
  if (facts.request?.force === true) {
    return "force: true waives cloud-init only; drivers, partitions and boot loader are still needed"
  }
  return isWindows(facts)
    ? "cloudbase-init is not installed"
    : "cloud-init is not installed (force: true waives it, and with it the set-up of instances)"
}

function disk(): string {
  return (
    "the file is not a whole system disk: partition table, root and boot partition must be in it, without LVM, and " +
    "it must be neither a data disk nor a single partition"
  )
}

function boot(request: ImportRequest | undefined): string {
  if (request?.bootMode === "UEFI")
    return "bootMode is UEFI, but the disk has no GPT with an EFI system partition"
  const mode = request === undefined ? "the boot mode may be" : "bootMode is"
  return `${mode} Legacy BIOS, but the disk is made for UEFI (GPT): set bootMode: UEFI`
}

function isWindows(facts: ImportFacts): boolean {
  return /windows/i.test(facts.request?.osType ?? facts.osName ?? "")
}
