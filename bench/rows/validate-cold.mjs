import { withDirectory, writeStack } from "../fleet.mjs"

export default {
  goal: "G2",
  name: "validate-cold",
  what: "validate of 100 manifests by node -e 0",
  most: 2.8,
  anchor: "yaml and commander alone, bundled: 3.26",
  measure: ({ cvmimg, ratio }) =>
    withDirectory((directory) => {
      writeStack(directory, { images: 100, regions: 2 })
      return ratio(cvmimg("validate", directory))
    }),
}
