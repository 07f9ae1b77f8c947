/** Credentials that cannot be printed by accident: neither inspection nor JSON shows more than a word. */
import { inspect } from "node:util"

export interface KeyParts {
  readonly secretId: string
  readonly secretKey: string
  /** Of temporary credentials. */
  readonly token?: string | undefined
  /** Milliseconds since the epoch; absent: they do not expire. */
  readonly expiresAt?: number | undefined
  /** Where they were found, in words that may be shown; absent: in a program that uses the library. */
  readonly origin?: string
}

export class Keys {
  readonly #parts: KeyParts
  constructor(parts: KeyParts) {
    this.#parts = parts
  }
  get secretId(): string {
    return this.#parts.secretId
  }
  get secretKey(): string {
    return this.#parts.secretKey
  }
  get token(): string | undefined {
    return this.#parts.token
  }
  get expiresAt(): number | undefined {
    return this.#parts.expiresAt
  }
  get origin(): string {
    return this.#parts.origin ?? "the program"
  }
  /** Exact texts that no message may hold. */
  secrets(): readonly string[] {
    const { secretId, secretKey, token } = this.#parts
    return token === undefined ? [secretId, secretKey] : [secretId, secretKey, token]
  }
  same(other: Keys): boolean {
    return (
      this.secretId === other.secretId && this.secretKey === other.secretKey && this.token === other.token
    )
  }
  toJSON(): string {
    return "[credentials]"
  }
  toString(): string {
    return "[credentials]"
  }
}

// Outside the class: declarations cannot name a computed member.
Object.defineProperty(Keys.prototype, inspect.custom, { value: () => "[credentials]" })

/** Where an account's credentials come from. */
export interface CredentialSource {
  /** Never empty ones: rejects with a CloudError `ClientError.Credentials` that says where was looked. */
  of(account: string, signal?: AbortSignal): Promise<Keys>
  /** Reads again because the service turned these away; the same ones if there are no others. */
  renew(account: string, rejected: Keys, signal?: AbortSignal): Promise<Keys>
}
