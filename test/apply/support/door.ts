import {
  createServer,
  request as forward,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http"
import type { AddressInfo } from "node:net"

/**
 * What the door does to a call: passes it, passes it and says with the reply that the connection ends, lets it through
 * and loses the reply, or loses it before the service.
 */
type Passage = "pass" | "pass and close" | "lose reply" | "lose call"

export interface Door {
  readonly url: string
  /** Decides on each call by its action and body. */
  decide: (action: string, body: Record<string, unknown>) => Passage
  close(): Promise<void>
}

/** A door between client and service that slams: bytes leave, and no reply comes. */
export async function openDoor(service: string): Promise<Door> {
  const server: Server = createServer((incoming, outgoing) => void pass(incoming, outgoing))
  const door: Door = {
    url: "",
    decide: () => "pass",
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const action = String(incoming.headers["x-tc-action"] ?? "")
    const passage = door.decide(action, JSON.parse(body.toString() || "{}") as Record<string, unknown>)
    if (passage === "lose call") return void incoming.socket.destroy()
    // The Host header is signed and goes on as it is.
    const options = { method: incoming.method ?? "POST", headers: incoming.headers, agent: false as const }
    const call = forward(service + (incoming.url ?? "/"), options, (reply) => {
      if (passage === "lose reply") {
        reply.resume().once("end", () => incoming.socket.destroy())
        return
      }
      const ends = passage === "pass and close" ? { connection: "close" } : {}
      outgoing.writeHead(reply.statusCode ?? 502, { ...reply.headers, ...ends })
      reply.pipe(outgoing)
    })
    call.once("error", () => incoming.socket.destroy())
    call.end(body)
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(door, { url: `http://127.0.0.1:${port}` })
}
