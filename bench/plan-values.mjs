// node bench/plan-values.mjs DIRECTORY: plans the stack against the world that it has become, without any call, and
// prints what plan() took the first time and the fifth.
import { scopesOf, worldOf } from "./fleet.mjs"
import { importLibrary } from "./tools.mjs"

const [directory] = process.argv.slice(2)
const { loadStack, plan } = await importLibrary()
const { desired } = await loadStack(directory)
const world = grouped(await worldOf(directory))
const observed = {
  at: Date.now(),
  scopes: scopesOf(desired).map((scope) => ({
    ...scope,
    images: (world.get(scope.region) ?? []).map(cloudImage),
  })),
}

const times = []
let actions = 0
for (let i = 0; i < 5; i++) {
  const start = performance.now()
  actions = plan(desired, observed).actions.length
  times.push(performance.now() - start)
}
console.log(JSON.stringify({ firstMs: times[0], laterMs: times.at(-1), actions }))

function grouped(images) {
  const groups = new Map()
  for (const image of images) {
    if (!groups.has(image.region)) groups.set(image.region, [])
    groups.get(image.region).push(image)
  }
  return groups
}

function cloudImage({ name, region, createdAt, description = "", tags = {} }) {
  return {
    id: `img-${name}-${region}`,
    name,
    description,
    family: "",
    deprecated: false,
    state: "NORMAL",
    architecture: "x86_64",
    tags,
    createdAt,
    snapshotIds: [],
  }
}
