/**
 * The ids of the images that are in place after an apply as variables: `CVMIMG_IMAGE_<IMAGE>_<REGION>=img-…`, with the
 * account between them where the stack has several. Only lines of that form: GitLab's dotenv reports and GITHUB_ENV
 * take no comments and no empty lines.
 */
import type { Placement } from "../model/placement.ts"
import type { ApplyOutput } from "./apply-images.ts"

/** Ids as the service gives them. Anything else could mean something to a shell. */
const ID = /^[A-Za-z0-9][\w.-]*$/

/** A line for each image in place, sorted. Throws where two placements would have the same name. */
export function renderApplyEnv(output: ApplyOutput): string {
  const { images, absent, accounts } = output
  const problem = envProblem([...images, ...absent], accounts)
  if (problem !== undefined) throw new Error(problem)
  return images
    .filter(({ imageId }) => ID.test(imageId))
    .map((image) => `${envName(image, accounts)}=${image.imageId}\n`)
    .sort()
    .join("")
}

/** Why the variables of these placements could not be told apart; undefined: they can. */
export function envProblem(placements: readonly Placement[], accounts: boolean): string | undefined {
  const names = new Map<string, Placement>()
  for (const placement of placements) {
    const name = envName(placement, accounts)
    const other = names.get(name)
    if (other !== undefined && placeText(other, accounts) !== placeText(placement, accounts)) {
      return `-o env: ${placeText(other, accounts)} and ${placeText(placement, accounts)} would both be ${name}; use tfvars or json`
    }
    names.set(name, placement)
  }
  return undefined
}

/** `ubuntu-22.04` in `ap-singapore`: `CVMIMG_IMAGE_UBUNTU_22_04_AP_SINGAPORE`. */
function envName({ image, account, region }: Placement, accounts: boolean): string {
  const parts = [image, ...(accounts ? [account] : []), region]
  return ["CVMIMG_IMAGE", ...parts.map((part) => part.toUpperCase().replace(/[^A-Z0-9]/g, "_"))].join("_")
}

function placeText({ image, account, region }: Placement, accounts: boolean): string {
  return `${image} in ${accounts ? `${account}/${region}` : region}`
}
