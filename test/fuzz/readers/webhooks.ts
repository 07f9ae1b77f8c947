/** What receivers of notifications answer. */
import { refusalOf } from "../../../src/notify/replies.ts"
import { damaged, wrongValues } from "../mutate.ts"
import type { Reader } from "../reader.ts"

const GOOD = { errcode: 0, errmsg: "ok", code: 0, StatusCode: 0, data: {} }

export const webhooks: Reader = {
  name: "webhooks",
  input(r) {
    if (r.chance(0.5)) return damaged(r, Buffer.from(JSON.stringify(GOOD)))
    return Buffer.from(JSON.stringify(wrongValues(r, GOOD)) ?? "")
  },
  read(input) {
    const body = input.toString("utf8")
    const headers = { "retry-after": body.slice(0, 30) }
    const written = (["wecom", "dingtalk", "feishu", "slack"] as const).flatMap((kind) =>
      [200, 302, 429, 503].map(
        (status) => JSON.stringify(refusalOf(kind, { status, headers, body }, 0)) ?? "",
      ),
    )
    return { written }
  },
}
