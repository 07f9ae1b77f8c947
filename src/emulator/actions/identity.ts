import type { Action } from "../box.ts"

/** GetCallerIdentity of sts, section 2.11: always the root account itself. */
export const getCallerIdentity: Action = {
  name: "GetCallerIdentity",
  product: "sts",
  region: "optional",
  fields: {},
  run(_box, call) {
    const { uin } = call.account
    return {
      response: {
        Arn: `qcs::cam::uin/${uin}:uin/${uin}`,
        AccountId: uin,
        UserId: uin,
        PrincipalId: uin,
        Type: "CAMUser",
      },
    }
  },
}
