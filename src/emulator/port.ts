import type { Server } from "node:http"
import type { AddressInfo, Socket } from "node:net"

/** What may happen to connections before anything is read as HTTP. */
export interface ConnectionFaults {
  watchesConnections(): boolean
  connects(): "half-open" | "hang-up" | undefined
}

/** The port of a server: it can be shut for a time, and opens again under the same number. */
export interface Port {
  /** Answers the number of the port. */
  open(port: number): Promise<number>
  /** Shuts it from then to then, in milliseconds of real time from now; `done` is called when it is shut. */
  shut(from: number, to: number, done: () => void): () => void
  /** Ends all connections, for good. */
  close(): Promise<void>
}

const host = "127.0.0.1"

export function createPort(server: Server, faults: ConnectionFaults): Port {
  let number = 0
  let reasons = 0
  let ended = false
  const timers = new Set<NodeJS.Timeout>()
  const strays = watchConnections(server, faults)
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once("error", reject)
      server.listen(port, host, () => {
        server.removeListener("error", reject)
        resolve()
      })
    })
  const later = (milliseconds: number, act: () => void): NodeJS.Timeout => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      act()
    }, milliseconds)
    timers.add(timer)
    return timer
  }
  const hangUp = (): void => {
    server.closeAllConnections()
    for (const socket of strays) socket.destroy()
  }
  /** Opens the port again; it may have been taken meanwhile, and is then tried again until it is free. */
  const reopen = (): void => {
    if (ended || reasons > 0 || server.listening) return
    listen(number).catch(() => later(50, reopen))
  }
  return {
    async open(port) {
      await listen(port)
      number = (server.address() as AddressInfo).port
      return number
    },
    shut(from, to, done) {
      let shut = false
      const start = later(from, () => {
        shut = true
        reasons += 1
        server.close()
        hangUp()
        done()
      })
      const lift = (): void => {
        clearTimeout(start)
        clearTimeout(end)
        if (shut) reasons -= 1
        shut = false
        reopen()
      }
      const end = later(to, lift)
      return lift
    },
    async close() {
      ended = true
      for (const timer of timers) clearTimeout(timer)
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        hangUp()
      })
    },
  }
}

/**
 * Looks at the first bytes of each connection while a fault is about connections; what leads to `/_emulator/` is let
 * through. Answers the connections that never became HTTP.
 */
function watchConnections(server: Server, faults: ConnectionFaults): Set<Socket> {
  const strays = new Set<Socket>()
  const serve = server.listeners("connection") as ((socket: Socket) => void)[]
  const pass = (socket: Socket): void => {
    for (const listener of serve) listener.call(server, socket)
  }
  server.removeAllListeners("connection")
  server.on("connection", (socket: Socket) => {
    if (!faults.watchesConnections()) {
      pass(socket)
      return
    }
    const ignore = (): void => {}
    strays.add(socket)
    socket.once("close", () => strays.delete(socket))
    socket.on("error", ignore)
    socket.once("data", (bytes: Buffer) => {
      const inside = /^[A-Z]+ \/_emulator\//.test(bytes.toString("latin1", 0, 40))
      const fault = inside ? undefined : faults.connects()
      if (fault === "hang-up") socket.resetAndDestroy()
      if (fault !== undefined) {
        socket.resume()
        return
      }
      strays.delete(socket)
      socket.removeListener("error", ignore)
      socket.pause()
      socket.unshift(bytes)
      pass(socket)
      socket.resume()
    })
  })
  return strays
}
