/** Regions that the API is known to have. Others may exist: an unknown one is a warning. */
export const KNOWN_REGIONS: readonly string[] = [
  "ap-bangkok",
  "ap-beijing",
  "ap-chengdu",
  "ap-chongqing",
  "ap-guangzhou",
  "ap-guangzhou-open",
  "ap-hongkong",
  "ap-jakarta",
  "ap-mumbai",
  "ap-nanjing",
  "ap-seoul",
  "ap-shanghai",
  "ap-shanghai-fsi",
  "ap-shenzhen-fsi",
  "ap-singapore",
  "ap-tokyo",
  "eu-frankfurt",
  "eu-moscow",
  "na-ashburn",
  "na-siliconvalley",
  "na-toronto",
  "sa-saopaulo",
]

const MAINLAND = new Set([
  "ap-beijing",
  "ap-chengdu",
  "ap-chongqing",
  "ap-guangzhou",
  "ap-guangzhou-open",
  "ap-nanjing",
  "ap-shanghai",
])

/**
 * Whether an image of `region` can be imported from a bucket in `bucket`. Outside mainland China the service takes only
 * its own region, finance regions (`-fsi`) take only themselves; inside, another region was refused once and is slower.
 */
export function sourceRegionSeverity(bucket: string, region: string): "error" | "warning" | undefined {
  if (bucket === region) return undefined
  return MAINLAND.has(bucket) && MAINLAND.has(region) ? "warning" : "error"
}
