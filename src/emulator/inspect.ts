import type { IncomingMessage, ServerResponse } from "node:http"
import { type Behaviour, behaviourProblem } from "./behaviour.ts"
import { type FaultSet, type ReadFault, readFault } from "./faults/set.ts"
import type { EmulatorWorld } from "./handle.ts"
import type { LedgerEntry, Log, RequestLogEntry } from "./journal.ts"

/** What other processes may see and switch below `/_emulator/`. */
export interface Inspection {
  requests: Log<RequestLogEntry>
  ledger: Log<LedgerEntry>
  world: EmulatorWorld
  behaviour(): Behaviour
  setBehaviour(patch: Partial<Behaviour>): void
  faults: FaultSet
}

type Reply = [status: number, value: unknown]

/** Answers a request below `/_emulator`; `path` starts with the slash after it. See README.md for the calls. */
export function inspect(
  inspection: Inspection,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  query: URLSearchParams,
  body: Buffer,
): void {
  const [status, value] = route(inspection, request, path, query, body)
  const text = Buffer.from(JSON.stringify(value))
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": text.length })
  response.end(text)
}

/** The Host must name this machine and a POST must be application/json, so that no web page reaches any of this. */
function route(
  inspection: Inspection,
  request: IncomingMessage,
  path: string,
  query: URLSearchParams,
  body: Buffer,
): Reply {
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(request.headers.host ?? "")) {
    return [403, { message: "only for this machine" }]
  }
  if (request.method === "GET") return look(inspection, path, query)
  if (request.method === "DELETE" && path === "/faults") return clearFaults(inspection, query.get("id"))
  if (request.method !== "POST") return [405, { message: "GET and POST, DELETE for faults" }]
  if (!/^application\/json\b/.test(request.headers["content-type"] ?? "")) {
    return [415, { message: "application/json is expected" }]
  }
  let value: unknown
  try {
    value = body.length === 0 ? {} : JSON.parse(body.toString("utf8"))
  } catch {
    return [400, { message: "not JSON" }]
  }
  return change(inspection, path, value)
}

function look(inspection: Inspection, path: string, query: URLSearchParams): Reply {
  const after = Number(query.get("after") ?? 0)
  const action = query.get("action")
  const select = <Entry extends { sequence: number; action: string }>(log: Log<Entry>): Entry[] =>
    log.entries.filter((entry) => entry.sequence > after && (action === null || entry.action === action))
  switch (path) {
    case "/requests":
      return [200, { requests: select(inspection.requests) }]
    case "/ledger":
      return [200, { ledger: select(inspection.ledger) }]
    case "/world":
      return [200, { now: inspection.world.now(), images: inspection.world.images() }]
    case "/behaviour":
      return [200, inspection.behaviour()]
    case "/faults":
      return [200, { faults: inspection.faults.list() }]
    default:
      return [404, { message: "not found" }]
  }
}

/** Puts faults in: one text or object, or `{"faults": [...]}`; all of them or none. */
function addFaults(inspection: Inspection, value: unknown): Reply {
  const several = typeof value === "object" && value !== null && "faults" in value ? value.faults : [value]
  if (!Array.isArray(several)) return [400, { message: "faults is a list" }]
  let read: ReadFault[]
  try {
    read = several.map(readFault)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return [400, { message: error.message }]
  }
  return [200, { faults: read.map((fault) => inspection.faults.add(fault)) }]
}

function clearFaults(inspection: Inspection, id: string | null): Reply {
  if (!inspection.faults.clear(id === null ? undefined : Number(id))) return [404, { message: "not found" }]
  return [200, { faults: inspection.faults.list() }]
}

function change(inspection: Inspection, path: string, value: unknown): Reply {
  switch (path) {
    case "/clear":
      inspection.requests.clear()
      inspection.ledger.clear()
      return [200, {}]
    case "/behaviour": {
      const problem = behaviourProblem(value)
      if (problem !== undefined) return [400, { message: problem }]
      inspection.setBehaviour(value as Partial<Behaviour>)
      return [200, inspection.behaviour()]
    }
    case "/faults":
      return addFaults(inspection, value)
    case "/advance": {
      const milliseconds = (value as { milliseconds?: unknown } | null)?.milliseconds
      if (typeof milliseconds !== "number" || !(milliseconds >= 0)) {
        return [400, { message: "milliseconds is a number, not negative" }]
      }
      if (!inspection.world.advance(milliseconds)) return [409, { message: "this clock cannot be moved" }]
      return [200, { now: inspection.world.now() }]
    }
    default:
      return [404, { message: "not found" }]
  }
}
