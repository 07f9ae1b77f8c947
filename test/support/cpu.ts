/** Milliseconds of CPU that it takes: what others take of the machine meanwhile, and its stalls, do not count. */
export async function cpuOf(use: () => unknown): Promise<number> {
  const began = process.cpuUsage()
  await use()
  const { user, system } = process.cpuUsage(began)
  return (user + system) / 1_000
}
