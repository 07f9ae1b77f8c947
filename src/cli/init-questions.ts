/** The questions of `init`, on a terminal. */
import { isCancel, select, text } from "@clack/prompts"
import { type Answers, CI_CHOICES, PROBLEMS, regionsOf, USUAL_REGIONS } from "../init/answers.ts"
import type { Io } from "./io.ts"

const CI_TEXTS: Readonly<Record<Answers["ci"], string>> = {
  github: "GitHub Actions",
  gitlab: "GitLab CI",
  both: "both",
  none: "neither",
}

/** Asks what is not given. Undefined: the person broke off. A stack that is there answers for itself. */
export async function ask(
  io: Io,
  given: Partial<Answers>,
  known: { readonly name: string; readonly hasStack: boolean },
): Promise<Partial<Answers> | undefined> {
  const on = { input: io.stdin, output: process.stderr, signal: io.signal }
  let said = given
  if (said.name === undefined && !known.hasStack) {
    const name = await text({
      ...on,
      message: "Name of the stack? It is written on every image that the stack imports.",
      initialValue: known.name,
      validate: (value) => PROBLEMS.name(value ?? ""),
    })
    if (isCancel(name)) return undefined
    said = { ...said, name }
  }
  if (said.site === undefined && !known.hasStack) {
    const site = await select<Answers["site"]>({
      ...on,
      message: "Which Tencent Cloud?",
      options: [
        { value: "intl", label: "tencentcloud.com", hint: "international" },
        { value: "cn", label: "cloud.tencent.com", hint: "mainland China" },
      ],
    })
    if (isCancel(site)) return undefined
    said = { ...said, site }
  }
  if (said.regions === undefined && !known.hasStack) {
    const regions = await text({
      ...on,
      message: "Regions of the images?",
      initialValue: USUAL_REGIONS[said.site ?? "intl"].join(", "),
      validate: (value) => PROBLEMS.regions(value ?? ""),
    })
    if (isCancel(regions)) return undefined
    said = { ...said, regions: regionsOf(regions) }
  }
  if (said.ci === undefined) {
    const ci = await select<Answers["ci"]>({
      ...on,
      message: "Pipelines for?",
      options: CI_CHOICES.map((value) => ({ value, label: CI_TEXTS[value] })),
    })
    if (isCancel(ci)) return undefined
    said = { ...said, ci }
  }
  return said
}
