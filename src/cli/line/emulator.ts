import { FAULTS } from "../commands/emulator-help.ts"
import type { Declare } from "./declare.ts"
import { collect, integer, positive } from "./options.ts"

export const emulator: Declare = (program, { io, finish }) => {
  program
    .command("emulator")
    .summary("run the image API locally")
    .description(
      "Runs a strict local stand-in for the image, tag and identity APIs and for COS, and prints its address and the variables that lead a client there.",
    )
    .option("--port <n>", "port on 127.0.0.1; 0 picks a free one", integer(0, 65_535), 0)
    .option("--state <file>", "keep the world in this file")
    .option("--objects <dir>", "objects of COS: <bucket-appid>/<key> below this directory")
    .option("--site <site>", "intl or cn", "intl")
    .option("--speed <x>", "how much faster than the wall clock imports run", positive, 1)
    .option("--fault <spec>", "let something fail: WHAT:WHICH:EFFECT (repeatable)", collect, [])
    .option(
      "--seed <text>",
      "makes the ids of a new world, and what faults by share hit, the same in each run",
    )
    .addHelpText("after", FAULTS)
    .action(async (options) => {
      const { emulator } = await import("../commands/emulator.ts")
      finish(await emulator(io, options))
    })
}
