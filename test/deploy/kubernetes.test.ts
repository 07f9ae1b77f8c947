// The manifests for Kubernetes: held to the API's own schemas, to the restricted Pod Security Standard, and to what the
// binary's options are.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Ajv2020 } from "ajv/dist/2020.js"
import { describe, expect, test } from "vitest"
import { parseAllDocuments } from "yaml"
import { cvmimg } from "../cli/binary.ts"

const root = join(import.meta.dirname, "../..")
const api = JSON.parse(readFileSync(join(import.meta.dirname, "fixtures/kubernetes-1.33.json"), "utf8"))
const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, strict: false })
ajv.addSchema(api, "k8s")
const KINDS: Readonly<Record<string, string>> = {
  "batch/v1 CronJob": "io.k8s.api.batch.v1.CronJob",
  "apps/v1 Deployment": "io.k8s.api.apps.v1.Deployment",
  "v1 PersistentVolumeClaim": "io.k8s.api.core.v1.PersistentVolumeClaim",
}

interface Container {
  name: string
  image: string
  args: string[]
  securityContext: {
    allowPrivilegeEscalation: boolean
    readOnlyRootFilesystem: boolean
    capabilities: { drop: string[] }
  }
  resources: { requests: Record<string, string>; limits: Record<string, string> }
  volumeMounts: { name: string; mountPath: string; readOnly?: boolean }[]
  env?: { name: string; value?: string; valueFrom?: { secretKeyRef?: object } }[]
}
interface Pod {
  automountServiceAccountToken: boolean
  hostNetwork?: boolean
  securityContext: { runAsNonRoot: boolean; runAsUser: number; seccompProfile: { type: string } }
  containers: Container[]
  initContainers: Container[]
  volumes: { name: string; emptyDir?: object; persistentVolumeClaim?: { claimName: string } }[]
}
interface Document {
  apiVersion: string
  kind: string
  metadata: { name: string; labels: Record<string, string> }
  spec: Record<string, unknown>
}

const files = ["cronjob.yaml", "deployment.yaml"]
const documents = (file: string): Document[] =>
  parseAllDocuments(readFileSync(join(root, "deploy/kubernetes", file), "utf8")).map((d) => {
    expect(d.errors).toEqual([])
    return d.toJS() as Document
  })

function podOf(file: string): Pod {
  for (const { kind, spec } of documents(file)) {
    if (kind === "Deployment") return (spec as { template: { spec: Pod } }).template.spec
    if (kind === "CronJob")
      return (spec as { jobTemplate: { spec: { template: { spec: Pod } } } }).jobTemplate.spec.template.spec
  }
  throw new Error(`${file} has no pod`)
}

function errorsOf(document: Document): string[] {
  const name = KINDS[`${document.apiVersion} ${document.kind}`]
  if (name === undefined) return [`${document.apiVersion} ${document.kind} is not among the schemas`]
  const validate = ajv.getSchema(`k8s#/$defs/${name}`)
  if (validate === undefined) throw new Error(`no schema of ${name}`)
  void validate(document)
  return (validate.errors ?? []).map((e) => `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`)
}

describe.each(files)("%s", (file) => {
  test("is what the API takes", () => {
    expect(documents(file).flatMap(errorsOf)).toEqual([])
  })

  test("and the check would see a mistake anywhere in it", () => {
    const broken = documents(file).flatMap((document) => {
      const paths: string[] = []
      const walk = (node: unknown): void => {
        if (typeof node !== "object" || node === null) return
        const open = /^(labels|matchLabels|annotations|requests|limits)$/
        if (!Array.isArray(node)) {
          ;(node as Record<string, unknown>).noSuchKey = true
          const errors = errorsOf(document).length
          delete (node as Record<string, unknown>).noSuchKey
          if (errors === 0) paths.push(JSON.stringify(node))
        }
        for (const [key, value] of Object.entries(node)) if (!open.test(key)) walk(value)
      }
      walk(document)
      return paths
    })
    expect(broken).toEqual([])
  })

  test("runs under the restricted profile", () => {
    const pod = podOf(file)
    expect(pod.automountServiceAccountToken).toBe(false)
    expect(pod).not.toHaveProperty("hostNetwork")
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: "RuntimeDefault" },
    })
    for (const container of [...pod.containers, ...pod.initContainers]) {
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      })
      expect(container.image).toMatch(/:v?\d+\.\d+\.\d+$/)
      expect(Object.keys(container.resources.requests)).toEqual(["cpu", "memory"])
      expect(container.resources.limits.memory).toBeTruthy()
    }
  })

  test("mounts what it declares, keeps its state, and only reads the manifests", () => {
    const pod = podOf(file)
    const declared = pod.volumes.map((v) => v.name).sort()
    const claims = documents(file).flatMap((d) =>
      d.kind === "PersistentVolumeClaim" ? [d.metadata.name] : [],
    )
    const used = [...pod.containers, ...pod.initContainers].flatMap((c) => c.volumeMounts.map((m) => m.name))
    expect([...new Set(used)].sort()).toEqual(declared)
    expect(pod.volumes.find((v) => v.name === "state")?.persistentVolumeClaim?.claimName).toBe(claims[0])
    const drift = pod.containers[0]
    expect(drift?.volumeMounts.find((m) => m.mountPath === "/git")?.readOnly).toBe(true)
    expect(drift?.args).toContain("--state=/state/drift.json")
  })

  test("takes every secret from a Secret", () => {
    const [drift] = podOf(file).containers
    expect(drift?.env?.map((e) => e.name)).toEqual([
      "TENCENTCLOUD_SECRET_ID",
      "TENCENTCLOUD_SECRET_KEY",
      "SLACK_WEBHOOK",
    ])
    for (const { value, valueFrom } of drift?.env ?? []) {
      expect(value).toBeUndefined()
      expect(valueFrom?.secretKeyRef).toBeDefined()
    }
    expect(drift?.args.join(" ")).not.toMatch(/https?:/)
  })

  test("uses options that the command has", async () => {
    const { stdout } = await cvmimg(["drift", "--help"])
    const [command, , ...options] = podOf(file).containers[0]?.args ?? []
    expect(command).toBe("drift")
    for (const option of options) expect(stdout).toContain(` ${option.split("=")[0]} `)
  })
})

test("two runs never overlap", () => {
  const specs = files.flatMap((file) => documents(file).map((d) => d.spec))
  expect(specs.find((s) => "jobTemplate" in s)).toMatchObject({ concurrencyPolicy: "Forbid" })
  expect(specs.find((s) => "strategy" in s)).toMatchObject({ replicas: 1, strategy: { type: "Recreate" } })
})

test("a job is not repeated for what a repetition does not change", () => {
  const job = documents("cronjob.yaml").find((d) => d.kind === "CronJob")?.spec as {
    jobTemplate: {
      spec: { podFailurePolicy: { rules: unknown[] }; template: { spec: { restartPolicy: string } } }
    }
  }
  const { podFailurePolicy, template } = job.jobTemplate.spec
  // The API takes such a policy only with this.
  expect(template.spec.restartPolicy).toBe("Never")
  expect(podFailurePolicy.rules).toEqual([
    { action: "FailJob", onExitCodes: { containerName: "drift", operator: "In", values: [2, 3, 64] } },
  ])
})
