import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import {
  bodyOf,
  commitOf,
  type Host,
  HostError,
  type HostKind,
  hostOf,
  LIMITS,
  labelChanges,
  type Memory,
  openGithub,
  openGitlab,
  type Place,
  type PlaceChoices,
  parseReview,
  patient,
  placeOf,
  planSubject,
  reviewSubject,
  type Settled,
  type Subject,
  settle,
} from "../../comment/index.ts"
import type { CommentReport } from "../../model/comment.ts"
import { renderComment, renderCommentJson } from "../../report/comment.ts"
import { terminalText } from "../../report/escape.ts"
import { readApprovalSet } from "../approvals-read.ts"
import { openHost } from "../comment-wire.ts"
import { EXIT, UnusableFile, UsageError } from "../exit.ts"
import { readNamed } from "../files.ts"
import type { Io } from "../io.ts"
import { parseOutputs, writeOutputs } from "../outputs.ts"

/** Of a review; nothing sensible is larger. */
const MOST_BYTES = 256 * 1024 * 1024

export interface CommentOptions extends PlaceChoices {
  readonly output: readonly string[]
  readonly plan?: string
  readonly review?: string
  readonly previous?: string
  readonly artifactUrl?: string
  readonly limit?: number
  readonly label?: boolean
  readonly always?: boolean
  readonly dryRun?: boolean
}

/** Makes a pull or merge request show a plan or a review in one comment. */
export async function commentCommand(io: Io, options: CommentOptions): Promise<number> {
  const requests = parseOutputs(options.output, ["text", "json"])
  checkOptions(options)
  const event = readEvent(io)
  const subject = subjectOf(io, options, commitOf(io.env, event, options))
  const previous = options.previous === undefined ? undefined : planOf(io, options.previous, undefined).memory
  const bodyFor =
    (host: HostKind) =>
    (before: Memory | undefined): string =>
      bodyOf(subject, previous ?? before, {
        limit: Math.min(LIMITS[host], options.limit ?? LIMITS[host]),
        ...(options.artifactUrl === undefined ? {} : { artifactUrl: options.artifactUrl }),
      })
  if (options.dryRun === true) {
    const host = hostOf(io.env, options) ?? "github"
    if (typeof host === "object") throw new UsageError(host.problem)
    io.stdout.write(bodyFor(host)(undefined))
    return EXIT.done
  }
  const place = placeOf(io.env, event, options)
  if ("problem" in place) throw new UsageError(place.problem)
  const wire = openHost(io)
  try {
    const send = patient({ send: wire.send, clock: io.clock, signal: io.signal, random: Math.random })
    const host = await (place.host === "github" ? openGithub : openGitlab)(place, send)
    const settled = await settle(host, {
      subject,
      body: bodyFor(place.host),
      always: options.always === true,
      wait: (ms) => io.clock.sleep(ms, io.signal),
    })
    const report = reportOf(subject, place, settled)
    const labels = options.label === true ? await labelled(host, subject, settled) : undefined
    const whole: CommentReport = labels === undefined ? report : { ...report, labels }
    writeOutputs(io, requests, { text: () => renderComment(whole), json: () => renderCommentJson(whole) })
    return EXIT.done
  } catch (error) {
    io.signal.throwIfAborted()
    if (!(error instanceof HostError)) throw error
    const message = error.message.replaceAll(place.token, "***")
    io.stderr.write(
      `cvmimg: ${error.code}: ${terminalText(message)} (${terminalText(place.apiUrl)})\n  ${error.advice}\n`,
    )
    return EXIT.failed
  } finally {
    wire.close()
  }
}

function checkOptions({ plan, review, previous, label, artifactUrl }: CommentOptions): void {
  if ((plan === undefined) === (review === undefined)) {
    throw new UsageError("comment shows one thing: --plan FILE or --review FILE")
  }
  if (review !== undefined && previous !== undefined) throw new UsageError("--previous goes with --plan")
  if (review !== undefined && label === true) throw new UsageError("--label goes with --plan")
  if (artifactUrl === undefined) return
  const url = URL.canParse(artifactUrl) ? new URL(artifactUrl) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") {
    throw new UsageError("--artifact-url is no https:// address")
  }
}

function subjectOf(io: Io, { plan, review }: CommentOptions, commit: string | undefined): Subject {
  if (plan !== undefined) return planOf(io, plan, commit)
  const file = review ?? ""
  const read = parseReview(readNamed(io, file, MOST_BYTES))
  if (typeof read === "string") throw new UnusableFile(`${file} cannot be used: ${read}`)
  return reviewSubject(read, io.clock.now(), commit)
}

function planOf(io: Io, file: string, commit: string | undefined): Subject {
  const { plan, information } = readApprovalSet(io, file)
  // A time to come would keep every later run from writing.
  const at = Math.min(Date.parse(information.createdAt) || io.clock.now(), io.clock.now())
  return planSubject(plan, at, commit ?? information.commit)
}

/** A runner's description of what happened. One that cannot be read is none: options say as much. */
function readEvent(io: Io): unknown {
  const file = io.env.GITHUB_EVENT_PATH
  if (file === undefined || file === "") return undefined
  try {
    return JSON.parse(readFileSync(resolve(io.cwd, file), "utf8"))
  } catch {
    return undefined
  }
}

function reportOf({ stack, kind, memory }: Subject, place: Place, settled: Settled): CommentReport {
  const { outcome, comment, folded } = settled
  return {
    formatVersion: 1,
    stack,
    kind,
    host: place.host,
    repo: place.repo,
    number: place.number,
    outcome,
    ...(comment === undefined ? {} : { id: comment.id, url: comment.url }),
    ...(memory.commit === undefined ? {} : { commit: memory.commit }),
    folded,
  }
}

async function labelled(
  host: Host,
  { memory }: Subject,
  { outcome, others }: Settled,
): Promise<CommentReport["labels"]> {
  // The newer run gives the labels of what it shows.
  if (outcome === "superseded") return { added: [], removed: [] }
  const plans = [memory, ...others].map(({ labels }) => labels)
  const { add, remove } = labelChanges(plans, await host.labels())
  await host.changeLabels(add, remove)
  return { added: add, removed: remove }
}
