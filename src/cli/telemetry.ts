/**
 * Traces of an apply for OpenTelemetry, where OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is set.
 * The SDK is an optional peer dependency and is loaded only then; it reads its other OTEL_ variables by itself.
 */
import type { ApplyEvent } from "../model/outcome.ts"
import { terminalText } from "../report/escape.ts"
import { type SpanAttributes, spanOps } from "../report/trace.ts"
import type { Io } from "./io.ts"
import { VERSION } from "./version.ts"

export interface Telemetry {
  event(event: ApplyEvent): void
  /** Ends what is open and sends what is left, for a few seconds at the most. Never throws. */
  close(): Promise<void>
}

/** As much of a span as is used here. */
export interface Span {
  addEvent(name: string, attributes: SpanAttributes, at: number): unknown
  setAttributes(attributes: SpanAttributes): unknown
  setStatus(status: { readonly code: number; readonly message: string }): unknown
  end(at: number): void
}

export type StartSpan = (
  name: string,
  how: { readonly startTime: number; readonly attributes: SpanAttributes },
  parent: Span | undefined,
) => Span

/** As much of the SDK as is used here: its types are not installed where it is not. */
interface Sdk {
  readonly NodeSDK: new (settings: object) => { start(): void; shutdown(): Promise<void> }
  readonly resources: { readonly envDetector: object }
  readonly api: {
    readonly context: { active(): object }
    readonly trace: {
      getTracer(
        name: string,
        version: string,
      ): { startSpan(name: string, how: object, context: object): Span }
      setSpan(context: object, span: Span): object
    }
  }
}

/** SpanStatusCode.ERROR. */
const ERROR = 2
const CLOSE_MS = 5_000

/** Undefined where no endpoint is set, or, with a warning, where the SDK is not installed or does not start. */
export async function startTelemetry(io: Io, stack: string): Promise<Telemetry | undefined> {
  const { env } = io
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT ?? ""
  if (endpoint === "" || env.OTEL_SDK_DISABLED === "true") return undefined
  try {
    // @ts-expect-error: an optional peer; its types are not here.
    const { NodeSDK, api, resources } = (await import("@opentelemetry/sdk-node")) as Sdk
    // Its exporter tries again for as long as this, and holds the process meanwhile.
    process.env.OTEL_EXPORTER_OTLP_TIMEOUT ??= String(CLOSE_MS)
    // Of the process and its host nothing is told: arguments and names of machines are not the collector's business.
    const sdk = new NodeSDK({
      serviceName: env.OTEL_SERVICE_NAME ?? "cvmimg",
      instrumentations: [],
      resourceDetectors: [resources.envDetector],
    })
    sdk.start()
    const tracer = api.trace.getTracer("cvmimg", VERSION)
    const root = api.context.active()
    const spans = followSpans(stack, (name, how, parent) =>
      tracer.startSpan(name, how, parent === undefined ? root : api.trace.setSpan(root, parent)),
    )
    return {
      event: spans.event,
      async close() {
        spans.close(io.clock.now())
        const enough = new AbortController()
        const sent = sdk.shutdown().then(
          () => true,
          () => false,
        )
        const late = io.clock.sleep(CLOSE_MS, enough.signal).then(
          () => false,
          () => false,
        )
        if (!(await Promise.race([sent, late]))) io.stderr.write("The trace of this run could not be sent.\n")
        enough.abort()
      },
    }
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND"
    const why = missing
      ? "install @opentelemetry/sdk-node beside cvmimg"
      : terminalText(error instanceof Error ? error.message : String(error))
    io.stderr.write(`OTEL_EXPORTER_OTLP_ENDPOINT is set, but this run is not traced: ${why}\n`)
    return undefined
  }
}

/** Carries out what the events of a run mean for spans. */
export function followSpans(
  stack: string,
  startSpan: StartSpan,
): { event(event: ApplyEvent): void; close(at: number): void } {
  const opsOf = spanOps(stack)
  const spans = new Map<string, Span>()
  return {
    event(event) {
      for (const op of opsOf(event)) {
        const { key, at, attributes } = op
        if (op.op === "start") {
          const parent = op.parent === undefined ? undefined : spans.get(op.parent)
          spans.set(key, startSpan(op.name, { startTime: at, attributes }, parent))
        } else if (op.op === "note") spans.get(key)?.addEvent(op.name, attributes, at)
        else {
          const span = spans.get(key)
          spans.delete(key)
          span?.setAttributes(attributes)
          if (op.failed !== undefined) span?.setStatus({ code: ERROR, message: op.failed })
          span?.end(at)
        }
      }
    },
    close(at) {
      for (const span of spans.values()) span.end(at)
      spans.clear()
    },
  }
}
