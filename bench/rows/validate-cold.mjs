import { withDirectory, writeStack } from "../fleet.mjs"

export default {
  name: "validate-cold",
  what: "validate of 100 manifests by node -e 0",
  goal: 2.8,
  measure: ({ cvmimg, ratio }) =>
    withDirectory((directory) => {
      writeStack(directory, { images: 100, regions: 2 })
      return ratio(cvmimg("validate", directory))
    }),
}
