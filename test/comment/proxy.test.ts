// A proxy of the environment is asked for the host's name, by CONNECT, and sees nothing else.
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { expect, onTestFinished, test } from "vitest"
import { anImport } from "../report/build.ts"
import { onGithub, onGitlab, planOf } from "./scene.ts"

test("both clients go through HTTPS_PROXY", async () => {
  const seen: string[] = []
  const proxy = createServer((_, response) => response.writeHead(405).end())
  proxy.on("connect", ({ url = "", headers }, socket) => {
    seen.push(url)
    expect(JSON.stringify(headers)).not.toContain("CANARY")
    socket.end("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n")
  })
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    proxy.close()
  })
  const HTTPS_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  const scenes = [await onGithub(), await onGitlab()]
  const ends = await Promise.all(
    scenes.map((s) => {
      s.plan(planOf([anImport()]))
      Object.assign(s.env, {
        HTTPS_PROXY,
        GITHUB_API_URL: "https://ghe.example.com/api/v3",
        CI_API_V4_URL: "https://gitlab.example.com:8443/api/v4",
      })
      return s.run()
    }),
  )
  for (const { code, stderr } of ends) {
    expect(code).toBe(1)
    expect(stderr).toContain("comment_unreachable")
    expect(stderr).toContain("the proxy answered 502 to CONNECT")
  }
  expect([...new Set(seen)].toSorted()).toEqual(["ghe.example.com:443", "gitlab.example.com:8443"])
})
