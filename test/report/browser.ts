/** A headless Chromium that is spoken to over a pipe: pages, keys, and everything that they ask of the network. */
import { type ChildProcess, spawn } from "node:child_process"
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import type { Readable, Writable } from "node:stream"
import { setTimeout } from "node:timers/promises"

/** The path of a Chromium on this machine. */
export function findChromium(): string | undefined {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
  const paths = (process.env.PATH ?? "").split(delimiter).flatMap((dir) => names.map((n) => join(dir, n)))
  return [process.env.CHROMIUM ?? "", ...paths].find((path) => {
    if (path === "") return false
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: Record<string, unknown>
  readonly result?: Record<string, unknown>
  readonly error?: { readonly message: string }
}

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--remote-debugging-pipe",
]

/** One tab. */
export class Tab {
  /** Addresses that the page asked for, its own included. */
  readonly requests: string[] = []
  /** Errors and warnings of the console, violations of the policy, exceptions. */
  readonly complaints: string[] = []
  readonly #child: ChildProcess
  readonly #profile: string
  readonly #waiting = new Map<number, (message: Message) => void>()
  readonly #listeners = new Map<string, () => void>()
  #session: string | undefined
  #last = 0
  #rest = ""

  private constructor(child: ChildProcess, profile: string) {
    this.#child = child
    this.#profile = profile
    const input = child.stdio[4] as Readable
    input.setEncoding("utf8")
    input.on("data", (text: string) => {
      const parts = (this.#rest + text).split("\0")
      this.#rest = parts.pop() ?? ""
      for (const part of parts) this.#hear(JSON.parse(part) as Message)
    })
  }

  static async open(path: string): Promise<Tab> {
    const profile = mkdtempSync(join(tmpdir(), "page-"))
    // A process group of its own, so that its helpers end with it.
    const child = spawn(path, [...FLAGS, `--user-data-dir=${profile}`], {
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
      detached: true,
    })
    const tab = new Tab(child, profile)
    const { targetId } = await tab.send("Target.createTarget", { url: "about:blank" })
    const { sessionId } = await tab.send("Target.attachToTarget", { targetId, flatten: true })
    tab.#session = sessionId as string
    for (const domain of ["Page", "Runtime", "Network", "Log"]) await tab.send(`${domain}.enable`)
    return tab
  }

  async send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#last
    const session = this.#session === undefined ? {} : { sessionId: this.#session }
    const reply = new Promise<Message>((resolve) => this.#waiting.set(id, resolve))
    ;(this.#child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, ...session })}\0`)
    const { result, error } = await reply
    if (error !== undefined) throw new Error(`${method}: ${error.message}`)
    return result ?? {}
  }

  async go(url: string): Promise<void> {
    this.requests.length = 0
    this.complaints.length = 0
    const loaded = new Promise<void>((resolve) => this.#listeners.set("Page.loadEventFired", resolve))
    await this.send("Page.navigate", { url })
    await loaded
  }

  async ask<T>(expression: string): Promise<T> {
    const { result } = await this.send("Runtime.evaluate", { expression, returnByValue: true })
    return (result as { value: T }).value
  }

  /** How wide the page is shown, and in which theme. */
  async look(width: number, theme: "light" | "dark"): Promise<void> {
    const metrics = { width, height: 900, deviceScaleFactor: 1, mobile: false }
    await this.send("Emulation.setDeviceMetricsOverride", metrics)
    const features = [{ name: "prefers-color-scheme", value: theme }]
    await this.send("Emulation.setEmulatedMedia", { features })
  }

  /** The whole page as a PNG. */
  async picture(): Promise<Buffer> {
    const { data } = await this.send("Page.captureScreenshot", { format: "png", captureBeyondViewport: true })
    return Buffer.from(data as string, "base64")
  }

  async press(key: string, code: number): Promise<void> {
    const event = { key, code: key, windowsVirtualKeyCode: code }
    await this.send("Input.dispatchKeyEvent", { type: "keyDown", ...event })
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", ...event })
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once("exit", resolve))
    process.kill(-(this.#child.pid as number), "SIGKILL")
    await ended
    await removed(this.#profile)
  }

  #hear({ id, method = "", params = {}, ...rest }: Message): void {
    if (id !== undefined) {
      this.#waiting.get(id)?.(rest)
      this.#waiting.delete(id)
      return
    }
    this.#listeners.get(method)?.()
    if (method === "Network.requestWillBeSent") this.requests.push((params.request as { url: string }).url)
    if (/^(Log\.entryAdded|Runtime\.(exceptionThrown|consoleAPICalled))$/.test(method)) {
      this.complaints.push(JSON.stringify(params))
    }
  }
}

/** A helper that is about to end may still write. A folder that stays among the temporary ones is no fault of a page. */
async function removed(folder: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    try {
      rmSync(folder, { recursive: true, force: true })
      return
    } catch {
      await setTimeout(100)
    }
  }
}
