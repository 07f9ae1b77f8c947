// Loaded before the program that is measured: tells on file descriptor 3 what the process used.
const { writeSync } = require("node:fs")

process.on("exit", () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
  writeSync(3, JSON.stringify({ rssMb: maxRSS / 1024, cpuMs: (userCPUTime + systemCPUTime) / 1000 }))
})
