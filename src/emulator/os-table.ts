/** One row of DescribeImportImageOs: a system, its versions, and the architectures that they exist for. */
export interface OsRow {
  OsName: string
  OsVersions: string[]
  Architecture: string[]
}

/** What DescribeImportImageOs answers and ImportImage checks. A name outside both lists cannot be imported. */
export interface OsTable {
  windows: string[]
  linux: string[]
  versions: OsRow[]
}

const both = ["x86_64", "i386"]
const modern = ["x86_64"]

/**
 * The published example (section 2.3) plus present-day entries; the real strings of today are unconfirmed, so the
 * table is an option. `Redhat` has versions but is no listed name, as in the published example.
 * `arm` adds arm_64 to the systems that have such builds (site cn only).
 */
export function defaultOsTable(arm: boolean): OsTable {
  const withArm = arm ? ["x86_64", "arm_64"] : modern
  const row = (OsName: string, OsVersions: string[], Architecture: string[]): OsRow => ({
    OsName,
    OsVersions,
    Architecture: [...Architecture],
  })
  return {
    windows: [
      "Windows Server 2008",
      "Windows Server 2012",
      "Windows Server 2016",
      "Windows Server 2019",
      "Windows Server 2022",
    ],
    linux: [
      "CentOS",
      "CentOS Stream",
      "Ubuntu",
      "Debian",
      "OpenSUSE",
      "SUSE",
      "CoreOS",
      "FreeBSD",
      "Fedora",
      "TencentOS",
      "AlmaLinux",
      "Rocky Linux",
      "Kylin",
      "UnionTech",
      "Other Linux",
    ],
    versions: [
      row("Windows Server 2008", ["-"], both),
      row("Windows Server 2012", ["-"], both),
      row("Windows Server 2016", ["-"], modern),
      row("Windows Server 2019", ["-"], modern),
      row("Windows Server 2022", ["-"], modern),
      row("CentOS", ["5", "6", "7"], both),
      row("CentOS", ["7", "8"], withArm),
      row("CentOS Stream", ["8", "9"], withArm),
      row("CoreOS", ["7"], both),
      row("Debian", ["6", "7", "8", "9"], both),
      row("Debian", ["10", "11", "12"], withArm),
      row("FreeBSD", ["10"], both),
      row("FreeBSD", ["11", "12", "13", "14"], modern),
      row("Fedora", ["39", "40", "41", "42"], withArm),
      row("Redhat", ["5", "6", "7"], both),
      row("OpenSUSE", ["11", "12"], both),
      row("OpenSUSE", ["15"], modern),
      row("SUSE", ["10", "11", "12", "13"], both),
      row("SUSE", ["15"], modern),
      row("Ubuntu", ["10", "12", "14", "16"], both),
      row("Ubuntu", ["18", "20", "22", "24"], withArm),
      row("TencentOS", ["2", "3", "4"], withArm),
      row("AlmaLinux", ["8", "9"], withArm),
      row("Rocky Linux", ["8", "9"], withArm),
      row("Kylin", ["10"], withArm),
      row("UnionTech", ["20"], withArm),
      row("Other Linux", ["-"], arm ? [...both, "arm_64"] : both),
    ],
  }
}

/** What is wrong with a system, or undefined: the name, or the version for this architecture. */
export function osProblem(
  table: OsTable,
  type: string,
  version: string,
  architecture: string,
): "type" | "version" | undefined {
  if (!table.linux.includes(type) && !table.windows.includes(type)) return "type"
  const rows = table.versions.filter((row) => row.OsName === type && row.Architecture.includes(architecture))
  if (rows.length === 0) return "type"
  return rows.some((row) => row.OsVersions.includes(version)) ? undefined : "version"
}
