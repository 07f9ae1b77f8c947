/**
 * Where an account's keys are looked for, in this order: the account's profile (alone, if it names one), environment
 * variables, credential files of the SDKs and of tccli, the CVM role of this machine, the TKE identity of this pod. Where
 * the account names a role to assume, the keys found only serve to get the role's.
 * Empty keys are never used, answers that expire are renewed ahead of time by one caller for all, failures are
 * forgotten. docs/credentials.md is the user's page of this file.
 */

import { fromEnvironment, fromFiles, fromProfile } from "./credential-files.ts"
import type { ChainOptions, Place, PlaceContext } from "./credential-place.ts"
import { assumed, fromCvmRole, fromTke } from "./credential-roles.ts"
import { CloudError, failureOf } from "./failure.ts"
import { type CredentialSource, Keys } from "./keys.ts"

/** Keys that expire are renewed so long before. */
const RENEW_EARLIER_MS = 5 * 60_000

export function credentialChain(options: ChainOptions): CredentialSource {
  const cached = new Map<string, Keys>()
  const running = new Map<string, Promise<Keys>>()

  const look = async (name: string): Promise<Keys> => {
    const account = options.accounts.find((a) => a.name === name)
    if (account === undefined) throw refused(name, `the stack has no account ${name}`)
    const context: PlaceContext = {
      ...options,
      account,
      readFile: options.readFile ?? readText,
      fetch: options.fetch ?? fetch,
      signal: undefined,
    }
    const places: readonly Place[] =
      account.profile === undefined ? [fromEnvironment, fromFiles, fromCvmRole, fromTke] : [fromProfile]
    const looked: string[] = []
    for (const place of places) {
      const found = await place(context)
      if (typeof found !== "string") {
        const own = new Keys(found)
        const keys = account.assumeRole === undefined ? own : await assumed(context, account.assumeRole, own)
        cached.set(name, keys)
        return keys
      }
      looked.push(found)
    }
    throw refused(name, `no credentials were found; ${looked.join("; ")}`)
  }

  const single = (name: string): Promise<Keys> => {
    let run = running.get(name)
    if (run === undefined) {
      run = look(name).finally(() => running.delete(name))
      running.set(name, run)
    }
    return run
  }

  return {
    async of(name, signal) {
      signal?.throwIfAborted()
      const keys = cached.get(name)
      const fresh = keys?.expiresAt === undefined || keys.expiresAt - RENEW_EARLIER_MS > options.clock.now()
      return keys !== undefined && fresh ? keys : single(name)
    },
    async renew(name, rejected, signal) {
      signal?.throwIfAborted()
      const keys = cached.get(name)
      if (keys !== undefined && !keys.same(rejected)) return keys
      cached.delete(name)
      return single(name)
    },
  }
}

function refused(account: string, why: string): CloudError {
  return new CloudError(
    failureOf("ClientError.Credentials", { message: `Account ${account}: ${why}.`, account, unsent: true }),
  )
}

async function readText(path: string): Promise<string | undefined> {
  const { readFile } = await import("node:fs/promises")
  return readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined
    throw error
  })
}
