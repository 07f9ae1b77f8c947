// Distance: a port that passes bytes on to another one, half a round trip later in either direction.
import { connect, createServer } from "node:net"

/** Opens a port before that of a server on this machine; answers its address. Connections themselves are made at once. */
export async function delayed(port, roundTripMs) {
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1")
    pass(near, far, roundTripMs / 2)
    pass(far, near, roundTripMs / 2)
  })
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))
  return `http://127.0.0.1:${server.address().port}`
}

function pass(from, to, ms) {
  from.setNoDelay(true)
  from.on("data", (bytes) => setTimeout(() => to.writable && to.write(bytes), ms))
  from.on("end", () => setTimeout(() => to.end(), ms))
  from.on("error", () => to.destroy())
}
