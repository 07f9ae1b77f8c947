import { randomBytes } from "node:crypto"
import type { Action } from "../box.ts"
import { apiTime } from "../clock.ts"
import { refuse } from "../failure.ts"

/** GetCallerIdentity of sts, section 2.11: the root account itself, or the role whose temporary key signed. */
export const getCallerIdentity: Action = {
  name: "GetCallerIdentity",
  product: "sts",
  region: "optional",
  fields: {},
  run(_box, { account, key }) {
    const { uin } = account
    const role = key.role
    return {
      response: {
        Arn: role === undefined ? `qcs::cam::uin/${uin}:uin/${uin}` : `qcs::sts:${uin}:assumed-role/${role}`,
        AccountId: uin,
        UserId: role ?? uin,
        PrincipalId: uin,
        Type: role === undefined ? "CAMUser" : "CAMRole",
      },
    }
  },
}

/**
 * AssumeRole of sts, section 5.8: temporary keys of the account in the role's name, 7,200 seconds by default and
 * 43,200 at most of wall time. They live in memory only. The codes are common ones; STS's own are not on record.
 */
export const assumeRole: Action = {
  name: "AssumeRole",
  product: "sts",
  region: "required",
  fields: {
    RoleArn: { type: "string", required: true },
    RoleSessionName: { type: "string", required: true },
    DurationSeconds: { type: "integer" },
    Policy: { type: "string" },
    ExternalId: { type: "string" },
    Tags: {
      type: "list",
      max: 50,
      of: {
        type: "object",
        fields: { Key: { type: "string", required: true }, Value: { type: "string", required: true } },
      },
    },
    SourceIdentity: { type: "string" },
    SerialNumber: { type: "string" },
    TokenCode: { type: "string" },
  },
  run(box, call) {
    const input = call.parameters as { RoleArn: string; RoleSessionName: string; DurationSeconds?: number }
    const { RoleSessionName: session, DurationSeconds: seconds = 7200 } = input
    if (!/^[\w+=,.@-]{2,128}$/.test(session))
      refuse("InvalidParameterValue", "`RoleSessionName` is not valid.")
    if (seconds < 1 || seconds > 43_200)
      refuse("InvalidParameterValue", "`DurationSeconds` is at most 43200.")
    const match = /^qcs::cam::uin\/(\d+):role(?:Name)?\/(?:[\w-]+\/)?([\w.-]+)$/.exec(input.RoleArn)
    if (match === null) refuse("InvalidParameterValue", "`RoleArn` is not valid.")
    const owner = box.accounts.byUin(match[1] ?? "")
    const role = match[2] ?? ""
    if (!owner?.roles.includes(role))
      refuse("ResourceNotFound", `The role \`${input.RoleArn}\` does not exist.`)
    const expiresAt = (Math.floor(box.wall.now() / 1000) + seconds) * 1000
    const random = (): string => randomBytes(16).toString("hex")
    const key = { secretId: `AKID-temporary-${random()}`, secretKey: random(), token: random(), expiresAt }
    owner.keys.push({ ...key, role: `${role}/${session}` })
    return {
      response: {
        Credentials: { Token: key.token, TmpSecretId: key.secretId, TmpSecretKey: key.secretKey },
        ExpiredTime: expiresAt / 1000,
        Expiration: apiTime(expiresAt),
      },
    }
  },
}
