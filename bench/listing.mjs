// node bench/listing.mjs DIRECTORY: reads every region of the stack, by the product and by the least that reads the same:
// the same calls, signed and parsed, over node:http. Alternating; prints the medians of both as JSON.
import { Agent, request } from "node:http"
import signing from "tencentcloud-sdk-nodejs/tencentcloud/common/sign.js"
import { scopesOf } from "./fleet.mjs"
import { importLibrary, median } from "./tools.mjs"

const RUNS = 7
const PAGE = 100
const { CVMIMG_ENDPOINT, TENCENTCLOUD_SECRET_ID, TENCENTCLOUD_SECRET_KEY } = process.env
const { loadStack, connect, observe, systemClock } = await importLibrary()
const { desired } = await loadStack(process.argv[2])
const { accounts, site } = desired.stack
const cloud = await connect({ site, accounts, clock: systemClock, env: process.env, home: "/nonexistent" })
const agent = new Agent({ keepAlive: true, maxSockets: 128 })
const regions = scopesOf(desired).map(({ region }) => region)

const ours = async () => {
  const { scopes } = await observe({ reader: cloud, clock: systemClock, placements: desired.placements })
  return scopes.reduce((sum, { images }) => sum + images.length, 0)
}
const least = async () => {
  const counts = await Promise.all(
    regions.map(async (region) => {
      const { TotalCount, ImageSet } = await page(region, 0)
      const offsets = []
      for (let offset = PAGE; offset < TotalCount; offset += PAGE) offsets.push(offset)
      const rest = await Promise.all(offsets.map((offset) => page(region, offset)))
      return rest.reduce((sum, reply) => sum + reply.ImageSet.length, ImageSet.length)
    }),
  )
  return counts.reduce((sum, count) => sum + count, 0)
}

const times = { ours: [], least: [] }
for (let i = 0; i <= RUNS; i++) {
  for (const [name, read] of Object.entries({ least, ours })) {
    const start = performance.now()
    const images = await read()
    // The first run of each makes the connections and does not count.
    if (i > 0) times[name].push(performance.now() - start)
    if (images !== 10_000) throw new Error(`${name}: ${images} images`)
    // Listings of one second must not share the limit of calls.
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}
cloud.close()
agent.destroy()
console.log(JSON.stringify({ oursMs: median(times.ours), leastMs: median(times.least) }))

function page(region, offset) {
  const filters = [{ Name: "image-type", Values: ["PRIVATE_IMAGE"] }]
  const payload = Buffer.from(JSON.stringify({ Filters: filters, Offset: offset, Limit: PAGE }))
  const timestamp = Math.floor(Date.now() / 1000)
  const headers = {
    "Content-Type": "application/json",
    "X-TC-Action": "DescribeImages",
    "X-TC-Version": "2017-03-12",
    "X-TC-Timestamp": String(timestamp),
    "X-TC-Region": region,
  }
  const sign3 = signing.sign3 ?? signing.default.sign3
  headers.Authorization = sign3({
    method: "POST",
    url: `${CVMIMG_ENDPOINT}/`,
    payload,
    timestamp,
    service: "cvm",
    secretId: TENCENTCLOUD_SECRET_ID,
    secretKey: TENCENTCLOUD_SECRET_KEY,
    multipart: false,
    boundary: "",
    headers,
  })
  return new Promise((resolve, reject) => {
    const call = request(CVMIMG_ENDPOINT, { method: "POST", agent, headers }, (reply) => {
      const pieces = []
      reply.on("data", (piece) => pieces.push(piece))
      reply.on("end", () => {
        const { Response } = JSON.parse(Buffer.concat(pieces).toString())
        if (Response.Error === undefined) resolve(Response)
        else reject(new Error(Response.Error.Code))
      })
    })
    call.on("error", reject)
    call.end(payload)
  })
}
