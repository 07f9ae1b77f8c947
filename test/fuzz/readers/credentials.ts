/** Credential files of the SDKs and of tccli: whatever is wrong with them, nothing of them is told. */
import { systemClock } from "../../../src/cloud/clock.ts"
import { fromFiles, fromProfile } from "../../../src/cloud/credential-files.ts"
import type { PlaceContext } from "../../../src/cloud/credential-place.ts"
import { Keys } from "../../../src/cloud/keys.ts"
import { damaged, soup } from "../mutate.ts"
import { CANARY, type Reader } from "../reader.ts"

const INI = `; keys\n[default]\nsecret_id = AKID${CANARY}\nsecret_key = "${CANARY}"\ntoken = '${CANARY}'\n[p]\nsecret_id=a\nsecret_key=b\n`
const JSON_FILE = JSON.stringify({ secretId: `AKID${CANARY}`, secretKey: CANARY, token: CANARY })
const PIECES = ["[default]", "[p]", "secret_id", "secret_key", "token", "=", "\n", " ", "#", ";", CANARY]

export const credentials: Reader = {
  name: "credentials",
  input(r) {
    if (r.chance(0.2)) return soup(r, PIECES, 30)
    const [one, other] = r.chance(0.6) ? [INI, JSON_FILE] : [JSON_FILE, INI]
    return damaged(r, Buffer.from(one), Buffer.from(other))
  },
  async read(input) {
    const text = input.toString("utf8")
    const written: string[] = []
    for (const profile of ["default", "p"]) {
      const context: PlaceContext = {
        accounts: [],
        account: { name: "default", vars: {}, profile },
        env: {},
        home: "/home/somebody",
        clock: systemClock,
        sts: () => Promise.reject(new Error("nobody asks")),
        readFile: (path) => Promise.resolve(path.startsWith("/home/") ? text : undefined),
        fetch: () => Promise.reject(new Error("nobody asks")),
        signal: undefined,
      }
      for (const place of [fromFiles, fromProfile]) {
        const found = await place(context)
        written.push(
          typeof found === "string" ? found : `${new Keys(found)} ${JSON.stringify(new Keys(found))}`,
        )
      }
    }
    return { written }
  },
}
