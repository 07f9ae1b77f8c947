import { join } from "node:path"

export default {
  name: "validate-samples",
  what: "cvmimg validate manifests by node -e 0",
  measure: ({ cvmimg, ratio, root, run }) => {
    const command = cvmimg("validate", join(root, "manifests"))
    if (run(command).status === 64) return { absent: "the binary knows no validate" }
    return ratio(command)
  },
}
