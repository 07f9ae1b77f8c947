/** One region: its id, its English name, and whether it lies in mainland China or is a closed finance region. */
export interface Region {
  id: string
  name: string
  mainland: boolean
  finance: boolean
}

const rows: readonly [string, string, string?][] = [
  ["ap-bangkok", "Southeast Asia Pacific (Bangkok)"],
  ["ap-beijing", "North China (Beijing)", "mainland"],
  ["ap-chengdu", "Southwest China (Chengdu)", "mainland"],
  ["ap-chongqing", "Southwest China (Chongqing)", "mainland"],
  ["ap-guangzhou", "South China (Guangzhou)", "mainland"],
  ["ap-guangzhou-open", "South China (Guangzhou Open)", "mainland"],
  ["ap-hongkong", "Hong Kong, Macau and Taiwan (Hong Kong, China)"],
  ["ap-jakarta", "Southeast Asia Pacific (Jakarta)"],
  ["ap-mumbai", "South Asia Pacific (Mumbai)"],
  ["ap-nanjing", "East China (Nanjing)", "mainland"],
  ["ap-seoul", "Northeast Asia Pacific (Seoul)"],
  ["ap-shanghai", "East China (Shanghai)", "mainland"],
  ["ap-shanghai-fsi", "East China (Shanghai Finance)", "finance"],
  ["ap-shenzhen-fsi", "South China (Shenzhen Finance)", "finance"],
  ["ap-singapore", "Southeast Asia Pacific (Singapore)"],
  ["ap-tokyo", "Northeast Asia Pacific (Tokyo)"],
  ["eu-frankfurt", "Europe (Frankfurt)"],
  ["eu-moscow", "Northeast Europe (Moscow)"],
  ["na-ashburn", "Eastern US (Virginia)"],
  ["na-siliconvalley", "Western US (Silicon Valley)"],
  ["na-toronto", "North America (Toronto)"],
  ["sa-saopaulo", "South America (Sao Paulo)"],
]

/** The 22 regions named in the vendor's SDK (tencent-image-api section 4.4). */
export const knownRegions: ReadonlyMap<string, Region> = new Map(
  rows.map(([id, name, kind]) => [
    id,
    { id, name, mainland: kind === "mainland" || kind === "finance", finance: kind === "finance" },
  ]),
)
