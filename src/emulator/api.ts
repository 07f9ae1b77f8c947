import { randomUUID } from "node:crypto"
import { checkRights } from "./accounts.ts"
import { findAction } from "./actions/index.ts"
import type { Action, Answer, Box } from "./box.ts"
import type { ApiReply, ApiRequest, IncomingCall } from "./call.ts"
import { ApiFailure, messageOf, refuse } from "./failure.ts"
import type { Faults } from "./faults.ts"
import type { LedgerEntry, Log, RequestLogEntry } from "./journal.ts"
import { checkParameters, type Parameters, unflatten } from "./parameters.ts"
import { limitOf, type Windows } from "./rates.ts"
import { knownRegions } from "./regions.ts"
import { verify } from "./tc3.ts"

/** Everything that answering needs. */
export interface Api {
  box: Box
  windows: Windows
  requests: Log<RequestLogEntry>
  ledger: Log<LedgerEntry>
  faults: Faults
}

/**
 * Answers one request. The order of the checks: size, common headers, version and action, signature, region, rate,
 * rights, parameters, the action's own. Every API error is a reply of status 200 (section 4.3).
 */
export function answer(api: Api, request: ApiRequest): ApiReply {
  const { box } = api
  const requestId = randomUUID()
  const text = (name: string): string => {
    const value = request.headers[name]
    return typeof value === "string" ? value : ""
  }
  const entry: Omit<RequestLogEntry, "sequence"> = {
    method: request.method,
    action: text("x-tc-action"),
    version: text("x-tc-version"),
    account: null,
    region: text("x-tc-region") || null,
    parameters: {},
    code: null,
    requestId,
    wallMs: box.wall.now(),
    worldMs: box.clock.now(),
    monotonicMs: request.arrivedMs,
    client: text("x-tc-requestclient") || null,
  }
  try {
    const done = run(api, request, entry, text)
    api.requests.add(entry)
    const written = done.answer.written
    if (written !== undefined) {
      const { account, region, action, parameters, wallMs, worldMs } = entry
      api.ledger.add({
        account: account ?? "",
        region: region ?? "",
        action,
        parameters,
        requestId,
        imageIds: written.imageIds,
        wallMs,
        worldMs,
      })
    }
    const body = { Response: { ...done.answer.response, RequestId: requestId } }
    return { requestId, body, code: null, written: written !== undefined, call: callOf(entry) }
  } catch (error) {
    const failure =
      error instanceof ApiFailure
        ? error
        : new ApiFailure("InternalError", `An internal error: ${String(error)}`)
    entry.code = failure.code
    api.requests.add(entry)
    const shown = { Code: failure.code, Message: messageOf(failure, text("x-tc-language")) }
    const body = { Response: { Error: shown, RequestId: requestId } }
    return { requestId, body, code: failure.code, written: false, call: callOf(entry) }
  }
}

function callOf(entry: Omit<RequestLogEntry, "sequence">): IncomingCall | undefined {
  const { action, account, region, parameters } = entry
  return account === null ? undefined : { action, account, region: region ?? "", parameters }
}

function run(
  api: Api,
  request: ApiRequest,
  entry: Omit<RequestLogEntry, "sequence">,
  text: (name: string) => string,
): { answer: Answer } {
  const { box } = api
  if (request.method !== "POST" && request.method !== "GET") {
    refuse("UnsupportedProtocol", "Only GET and POST requests are supported.")
  }
  if (request.tooLarge) refuse("RequestSizeLimitExceeded", "The request exceeds the size limit.")
  for (const name of ["Action", "Version"]) {
    if (text(`x-tc-${name.toLowerCase()}`) === "") {
      refuse("MissingParameter", `The request is missing a required parameter \`${name}\`.`)
    }
  }
  const action = findAction(entry.version, entry.action)
  if (action === "version") refuse("NoSuchVersion", `The version \`${entry.version}\` does not exist.`)
  if (action === "action")
    refuse("InvalidAction", `The request action=\`${entry.action}\` is invalid or not found.`)
  const { account, key } = verify(request, box.accounts, box.wall.now())
  entry.account = account.uin
  const given = readParameters(request, action)
  entry.parameters = request.body.length + request.rawQuery.length > 65_536 ? { truncated: true } : given
  checkRegion(box, action, text("x-tc-region"))
  checkRate(api, action.name, account.uin, entry.region ?? "", request.arrivedMs)
  checkRights(account, key, action.product, action.name)
  const call = { action: action.name, account: account.uin, region: entry.region ?? "", parameters: given }
  const refusal = api.faults.refuses?.(call, request)
  if (refusal !== undefined) refuse(refusal.code, refusal.message)
  checkParameters(action.fields, given, box.site)
  const region = entry.region ?? ""
  const answer = action.run(box, { account, key, region, parameters: given, requestId: entry.requestId })
  if (answer.written !== undefined) api.faults.accepts?.(call, answer.written.imageIds)
  return { answer }
}

function readParameters(request: ApiRequest, action: Action): Parameters {
  if (request.method === "GET") return unflatten(new URLSearchParams(request.rawQuery), action.fields)
  const type = String(request.headers["content-type"] ?? "")
  if (!/^application\/json\b/i.test(type)) {
    refuse("InvalidRequest", "The content type of a POST request is application/json.")
  }
  if (request.body.length === 0) return {}
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(request.body))
  } catch {
    refuse("InvalidParameter", "The request body is not JSON.")
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    refuse("InvalidParameter", "The request body is not a JSON object.")
  }
  return value as Parameters
}

function checkRegion(box: Box, action: Action, region: string): void {
  if (region === "") {
    if (action.region === "optional") return
    refuse("MissingParameter", "The request is missing a required parameter `Region`.")
  }
  if (!knownRegions.has(region)) {
    refuse(box.behaviour.unknownRegionCode, `The region \`${region}\` is not supported.`)
  }
}

function checkRate(api: Api, action: string, account: string, region: string, now: number): void {
  const { enforceRates, rates, rateScope, ratesCountRefused } = api.box.behaviour
  if (!enforceRates) return
  const limit = limitOf(action, rates)
  const scope = rateScope === "account" ? account : `${account}/${region}`
  const { fits, times } = api.windows.admit(`${scope}/${action}`, limit, now, ratesCountRefused)
  if (fits) return
  refuse(
    "RequestLimitExceeded",
    `Your current request times equals to \`${times}\` in a second, which exceeds the frequency limit \`${limit}\` for a second. Please reduce the frequency of calls.`,
  )
}
