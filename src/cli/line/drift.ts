import type { Declare } from "./declare.ts"
import {
  collect,
  DIRECTORY,
  ENDPOINT,
  type OutputOptions,
  output,
  PLAN_FORMATS,
  selecting,
} from "./options.ts"

export const drift: Declare = (program, { io, finish }) => {
  selecting(output(program.command("drift"), PLAN_FORMATS).argument("[dir]", DIRECTORY, "."))
    .summary("say whether the cloud is still what was applied")
    .description(
      "Compares the cloud with the manifests and with what was applied last, and says for each placement who moved. Only reads.",
    )
    .option(
      "--fail-on <verdicts>",
      "verdicts that exit with 2 beside drifted and failed: pending,orphan,... (repeatable)",
      collect,
    )
    .option("--state <file>", "keep what was seen in this file: what is new, what healed, since when")
    .option("--no-checks", "do not look at source objects: a changed one is not noticed")
    .option("--endpoint <url>", ENDPOINT)
    .option("--notify <kind=where>", "tell a receiver what is new and what healed (repeatable)", collect)
    .option("--heartbeat <duration>", "tell receivers after so long without news that somebody looks")
    .option("--notify-allow-http", "send over plain http to other machines too")
    .option("--metrics-file <file>", "write metrics for the textfile collector of Prometheus")
    .option("--every <when>", "go on: a duration such as 6h, or five fields of cron")
    .option("--jitter <duration>", "delay each run of --every by a random part of this")
    .option("--listen <host:port>", "with --every: /healthz, /livez and /metrics")
    .addHelpText("after", RECEIVERS)
    .action(async (dir: string, options: OutputOptions) => {
      const { driftCommand } = await import("../commands/drift.ts")
      finish(await driftCommand(io, dir, options))
    })
}

const RECEIVERS = `
Receivers: json, slack, wecom, feishu (lark), dingtalk. Where: https://..., env:NAME or @FILE, and
,secret=env:NAME or ,secret=@FILE where json, feishu or dingtalk are to be signed.
For example: --notify slack=env:SLACK_WEBHOOK`
