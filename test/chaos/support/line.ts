/** One request from a program to the server and back, with whatever befalls it on its way. */
import { CloudError, type FailureFacts, failureOf } from "../../../src/cloud/failure.ts"
import type { Process } from "./clock.ts"
import type { CallFacts, Network } from "./network.ts"
import type { Random } from "./random.ts"
import { type Reply, type Server, touched, type Written } from "./server.ts"

/** One program's way to the server, and who is told what came of it there. */
export interface Line {
  readonly process: Process
  readonly server: Server
  readonly network: Network
  readonly random: Random
  /** Small, so that listings have several pages. */
  readonly pageSize: number
  readonly wrote: (written: Written) => void
  /** A call is on its way. */
  readonly left: (call: CallFacts, parameters: Record<string, unknown>) => void
  /** The server has said something. */
  readonly called: (call: CallFacts, parameters: Record<string, unknown>, code: string | undefined) => void
  readonly note: (what: () => string) => void
}

/** Clients give up after this. */
const TIMEOUT_MS = { read: 30_000, write: 60_000 }

export interface Call extends CallFacts {
  readonly parameters: Record<string, unknown>
}

/** One request, from its leaving to its reply, if any comes. */
export function once(line: Line, call: Call): Promise<Record<string, unknown>> {
  const { process, server, network } = line
  const { clock } = process
  return new Promise((resolve, reject) => {
    if (!process.step()) return
    const { id, fate, upMs, downMs } = network.next(call)
    const requestId = `r-${id}`
    line.left(call, call.parameters)
    const answer = (after: number, what: () => void): void => {
      clock.at(clock.time + after, () => {
        if (!process.step()) return false
        what()
        return true
      })
    }
    const fail = (code: string, more: Partial<FailureFacts> = {}): void => {
      const status = code === "ClientError.HttpStatus" ? { httpStatus: 502 } : {}
      const service = /Tag|Resources/.test(call.action) ? "tag" : "cvm"
      const facts = {
        message: `${id} ${fate.kind}`,
        service,
        account: call.account,
        region: call.region,
        action: call.action,
      }
      reject(new CloudError(failureOf(code, { ...facts, ...status, ...more })))
    }
    const noReply = (code: string): void => {
      const givesUp = code === "ClientError.Timeout" ? TIMEOUT_MS[call.write ? "write" : "read"] : downMs
      const known = code === "InternalError" ? { requestId } : {}
      answer(givesUp, () => fail(code, known))
    }
    const carryOut = (late = false): Reply => {
      // Nobody can call back what is still under way when it was given up; a second import must not come of it.
      const wrote = late && call.action !== "ImportImage" ? () => {} : line.wrote
      const reply = server.call(call.action, call.account, call.region, call.parameters, wrote)
      const code = "code" in reply ? reply.code : undefined
      line.called(call, call.parameters, code)
      if (call.write || code !== undefined || fate.kind !== "pass") {
        line.note(
          () =>
            `${id} ${call.action} ${call.region} ${JSON.stringify(call.parameters)} -> ${code ?? "ok"} (${fate.kind})`,
        )
      }
      return reply
    }
    const at = (after: number, what: () => void): void => {
      clock.at(clock.time + after, () => {
        what()
        return false
      })
    }
    switch (fate.kind) {
      case "pass":
        return at(upMs, () => {
          const reply = carryOut()
          answer(downMs, () =>
            "code" in reply
              ? fail(reply.code, { requestId })
              : resolve({ ...reply.response, RequestId: requestId }),
          )
        })
      case "refused":
        line.called(call, call.parameters, fate.code)
        line.note(() => `${id} ${call.action} ${call.region} refused: ${fate.code}`)
        return answer(upMs + downMs, () => fail(fate.code, { requestId }))
      case "unsent":
        line.note(() => `${id} ${call.action} ${call.region} unsent`)
        return answer(upMs, () => fail("ClientError.ConnectionRefused", { unsent: true }))
      case "request lost":
        line.note(() => `${id} ${call.action} ${call.region} request lost: ${fate.code}`)
        return noReply(fate.code)
      case "reply lost":
        return at(upMs, () => {
          carryOut()
          noReply(fate.code)
        })
      case "late":
        line.note(() => `${id} ${call.action} ${call.region} late: ${fate.afterMs} ms`)
        at(TIMEOUT_MS.write + fate.afterMs, () => {
          carryOut(true)
          // To everybody who has looked in the meantime it is as if somebody else had done it.
          for (const id of touched(call.parameters)) server.meddle(call.account, call.region, id)
        })
        return noReply("ClientError.Timeout")
      case "garbled":
        return at(upMs, () => {
          carryOut()
          const unreadable = call.write || call.action === "ImportImage"
          answer(downMs, () =>
            unreadable ? fail("ClientError.InvalidReply") : resolve({ RequestId: requestId }),
          )
        })
    }
  })
}
