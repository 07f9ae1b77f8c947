import { refuse } from "./failure.ts"

/** One key pair. A `token` makes it a temporary one that X-TC-Token must carry. */
export interface KeyPair {
  secretId: string
  secretKey: string
  token?: string
  /** Wall time in milliseconds since the epoch from which the token counts as expired. */
  expiresAt?: number
  /** A disabled key is answered as if it did not exist. */
  disabled?: boolean
  /** Role and session that a temporary key stands for, as `role/session`. */
  role?: string
  /** Rights taken from this key alone; see AccountOptions.denied. */
  denied?: readonly Denial[]
}

/** What may not be done: `cvm:ImportImage`, `tag:*`, `*`; with `code` the error to answer instead of the usual one. */
export type Denial = string | { action: string; code: string }

/** A root account as the caller describes it: by `secretId` and `secretKey`, or by several `keys`. */
export interface AccountOptions {
  uin: string
  appid?: string
  secretId?: string
  secretKey?: string
  token?: string
  keys?: readonly KeyPair[]
  /** Writes on images are OperationDenied.InnerUserProhibitAction. */
  restricted?: boolean
  /** The account's own appid is not valid: InvalidParameterValue.InvalidAppIdFormat on image calls. */
  invalidAppid?: boolean
  /** Images per region, over the behaviour's quota; a record gives single regions. */
  quota?: number | Record<string, number>
  denied?: readonly Denial[]
  /** Names of roles that any account of the emulator may assume. */
  roles?: readonly string[]
}

/** An account as the server holds it. */
export interface Account {
  uin: string
  appid: string
  keys: KeyPair[]
  restricted: boolean
  invalidAppid: boolean
  quota: number | Record<string, number> | undefined
  denied: readonly Denial[]
  roles: readonly string[]
}

/** A demo account for a world on one machine. The keys are obviously none and open nothing anywhere. */
export const demoAccount: AccountOptions = {
  uin: "100000000001",
  appid: "1250000000",
  secretId: "AKIDcvmimgemulatordemo",
  secretKey: "cvmimg-emulator-demo-key",
}

/** The accounts of an emulator, found by root account or by secret id. */
export interface Accounts {
  list: Account[]
  byUin(uin: string): Account | undefined
  bySecretId(secretId: string): { account: Account; key: KeyPair } | undefined
  set(options: AccountOptions): void
}

export function createAccounts(options: readonly AccountOptions[]): Accounts {
  const list = options.map(toAccount)
  return {
    list,
    byUin: (uin) => list.find((account) => account.uin === uin),
    bySecretId(secretId) {
      for (const account of list) {
        const key = account.keys.find((candidate) => candidate.secretId === secretId)
        if (key !== undefined) return { account, key }
      }
      return undefined
    },
    set(changed) {
      const index = list.findIndex((account) => account.uin === changed.uin)
      if (index < 0) list.push(toAccount(changed))
      else list[index] = toAccount(changed)
    },
  }
}

function toAccount(options: AccountOptions): Account {
  const keys = [...(options.keys ?? [])].map((key) => ({ ...key }))
  if (options.secretId !== undefined && options.secretKey !== undefined) {
    const token = options.token === undefined ? {} : { token: options.token }
    keys.unshift({ secretId: options.secretId, secretKey: options.secretKey, ...token })
  }
  return {
    uin: options.uin,
    appid: options.appid ?? "1250000000",
    keys,
    restricted: options.restricted ?? false,
    invalidAppid: options.invalidAppid ?? false,
    quota: options.quota,
    denied: options.denied ?? [],
    roles: options.roles ?? [],
  }
}

/** Refuses an action that the account or the key is denied: UnauthorizedOperation on cvm, AuthFailure elsewhere. */
export function checkRights(account: Account, key: KeyPair, product: string, action: string): void {
  for (const denial of [...account.denied, ...(key.denied ?? [])]) {
    const pattern = typeof denial === "string" ? denial : denial.action
    const names = ["*", `${product}:*`, `${product}:${action}`, action]
    if (!names.includes(pattern)) continue
    const usual = product === "cvm" ? "UnauthorizedOperation" : "AuthFailure.UnauthorizedOperation"
    const code = typeof denial === "string" ? usual : denial.code
    refuse(code, `You are not authorized to perform operation (${product}:${action}).`)
  }
}
