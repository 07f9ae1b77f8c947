import { createHash, createHmac } from "node:crypto"
import { symlinkSync } from "node:fs"
import { request } from "node:http"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { crc64 } from "../../src/emulator/crc64.ts"
import { demoAccount, type Emulator, ManualClock } from "../../src/emulator/index.ts"
import { qcow2 } from "./disks.ts"
import { objectsDirectory, put } from "./files.ts"
import { codeOf, good, sdk, start } from "./helpers.ts"

const bucket = "golden-1250000000"
const hello = "123456789"

/** A request whose path is sent as it is; fetch would tidy it up. */
function ask(emulator: Emulator, path: string, method = "GET", headers: Record<string, string> = {}) {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>(
    (resolve, reject) => {
      const sent = request({ host: "127.0.0.1", port: emulator.port, path, method, headers }, (reply) => {
        let body = ""
        reply.setEncoding("utf8")
        reply.on("data", (part: string) => {
          body += part
        })
        reply.on("end", () => resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body }))
      })
      sent.on("error", reject)
      sent.end()
    },
  )
}

/** The query of a COS signature, written from the vendor's description and not from the emulator. */
function signed(method: string, path: string, host: string, keys = demoAccount, seconds = 3600): string {
  const start = Math.floor(Date.now() / 1000)
  const time = `${start};${start + seconds}`
  const hmac = (key: string, text: string) => createHmac("sha1", key).update(text).digest("hex")
  const text = `${method.toLowerCase()}\n${path}\n\nhost=${encodeURIComponent(host)}\n`
  const hash = createHash("sha1").update(text).digest("hex")
  const signature = hmac(hmac(keys.secretKey ?? "", time), `sha1\n${time}\n${hash}\n`)
  return `q-sign-algorithm=sha1&q-ak=${keys.secretId}&q-sign-time=${time}&q-key-time=${time}&q-header-list=host&q-url-param-list=&q-signature=${signature}`
}

test("the checksum of COS", () => {
  const crc = crc64()
  crc.update(Buffer.from("1234"))
  crc.update(Buffer.from("56789"))
  expect(crc.decimal()).toBe(BigInt("0x995DC9BBDF1939FA").toString())
})

describe("the store", () => {
  test("headers of GET and HEAD, ranges, names with spaces and slashes", async () => {
    const emulator = await start({ objects: objectsDirectory({ [`${bucket}/a dir/äb.raw`]: hello }) })
    const path = `/cos/${bucket}/a%20dir/%C3%A4b.raw`
    const get = await ask(emulator, path)
    expect([get.status, get.body]).toEqual([200, hello])
    expect(get.headers).toMatchObject({
      "content-length": "9",
      etag: `"${createHash("md5").update(hello).digest("hex")}"`,
      "x-cos-hash-crc64ecma": BigInt("0x995DC9BBDF1939FA").toString(),
      "accept-ranges": "bytes",
      "last-modified": expect.stringMatching(/GMT$/),
      "x-cos-request-id": expect.stringMatching(/./),
    })
    const head = await ask(emulator, path, "HEAD")
    expect([head.status, head.body, head.headers.etag]).toEqual([200, "", get.headers.etag])
    const part = async (range: string) => {
      const reply = await ask(emulator, path, "GET", { range })
      return [reply.status, reply.body, reply.headers["content-range"]]
    }
    expect(await part("bytes=0-0")).toEqual([206, "1", "bytes 0-0/9"])
    expect(await part("bytes=7-100")).toEqual([206, "89", "bytes 7-8/9"])
    expect(await part("bytes=-2")).toEqual([206, "89", "bytes 7-8/9"])
    expect((await part("bytes=9-"))[0]).toBe(416)
    expect((await part("bytes=0-1,3-4"))[0]).toBe(200)
    const virtual = await ask(emulator, "/a%20dir/%C3%A4b.raw", "GET", {
      host: `${bucket}.cos.ap-singapore.myqcloud.com`,
    })
    expect(virtual.body).toBe(hello)
  })

  test("errors are XML; nothing outside the directory is served", async () => {
    const objects = objectsDirectory({ [`${bucket}/a`]: hello, "outside/secret": "s" })
    symlinkSync(join(objects, "outside/secret"), join(objects, bucket, "link"))
    symlinkSync(join(objects, "outside"), join(objects, bucket, "way"))
    const emulator = await start({ objects })
    const code = async (path: string, method = "GET") => {
      const reply = await ask(emulator, path, method)
      return [reply.status, /<Code>(.*)<\/Code>/.exec(reply.body)?.[1]]
    }
    expect(await code(`/cos/${bucket}/b`)).toEqual([404, "NoSuchKey"])
    expect(await code("/cos/other-1250000000/b")).toEqual([404, "NoSuchBucket"])
    expect(await code("/cos/outside/secret")).toEqual([404, "NoSuchBucket"])
    for (const way of [
      "../outside/secret",
      "%2e%2e/outside/secret",
      "x/../../outside/secret",
      "link",
      "way/secret",
      "a%00",
      "",
      "/a",
    ]) {
      expect([way, ...(await code(`/cos/${bucket}/${way}`))]).toEqual([way, 404, "NoSuchKey"])
    }
    expect(await code(`/cos/${bucket}/%zz`)).toEqual([400, "InvalidURI"])
    expect(await code(`/cos/${bucket}/a`, "PUT")).toEqual([405, "MethodNotAllowed"])
    expect((await ask(emulator, `/cos/${bucket}/b`, "HEAD")).body).toBe("")
  })

  test("private objects need a signature of the bucket's account, for this method and not expired", async () => {
    const other = { uin: "2", appid: "1260000000", secretId: "AKIDother", secretKey: "k" }
    const objects = objectsDirectory({
      [`${bucket}/a`]: hello,
      [`${bucket}/b`]: hello,
      [`${bucket}/b.private`]: "",
      "shut-1250000000/c": hello,
      "shut-1250000000/.private": "",
    })
    const emulator = await start({
      objects,
      accounts: [demoAccount, other],
      privateObjects: [`${bucket}/dir/*`],
    })
    put(objects, `${bucket}/dir/d`, hello)
    const status = async (path: string, query = "", method = "GET") =>
      (await ask(emulator, `/cos/${path}${query === "" ? "" : `?${query}`}`, method)).status
    expect(await status(`${bucket}/a`)).toBe(200)
    expect(await status(`${bucket}/b.private`)).toBe(404)
    for (const path of [`${bucket}/b`, "shut-1250000000/c", `${bucket}/dir/d`]) {
      expect(await status(path)).toBe(403)
      const host = `127.0.0.1:${emulator.port}`
      const key = path.slice(path.indexOf("/"))
      expect(await status(path, signed("GET", `/cos/${path}`, host))).toBe(200)
      expect(await status(path, signed("GET", key, `${path.split("/")[0]}.cos.ap-tokyo.myqcloud.com`))).toBe(
        200,
      )
      expect(await status(path, signed("GET", key, host), "HEAD")).toBe(403)
      expect(await status(path, signed("GET", `${key}x`, host))).toBe(403)
      expect(await status(path, signed("GET", key, host, other))).toBe(403)
      expect(await status(path, signed("GET", key, host, { ...demoAccount, secretKey: "x" }))).toBe(403)
      expect(await status(path, signed("GET", key, host, demoAccount, -1))).toBe(403)
    }
  })

  test("an import reads a private object only by a signed URL", async () => {
    const clock = new ManualClock()
    const objects = objectsDirectory({
      [`${bucket}/ubuntu/jammy.qcow2`]: qcow2(),
      [`${bucket}/.private`]: "",
    })
    const emulator = await start({ clock, objects })
    const { cvm } = sdk(emulator)
    const query = signed("GET", "/ubuntu/jammy.qcow2", `${bucket}.cos.ap-singapore.myqcloud.com`)
    await cvm.ImportImage(good)
    await cvm.ImportImage({ ...good, ImageName: "signed", ImageUrl: `${good.ImageUrl}?${query}` })
    clock.advance(1_000_000)
    await cvm.ImportImage({ ...good, ImageName: "twice", ImageUrl: `${good.ImageUrl}?${query}` })
    clock.advance(1_000_000)
    const states = Object.fromEntries(emulator.world.images().map((image) => [image.name, image.state]))
    expect(states).toEqual({ [good.ImageName]: "IMPORTFAILED", signed: "NORMAL", twice: "IMPORTFAILED" })
    emulator.setBehaviour({ urlCheck: "submit" })
    const again = { ...good, ImageName: "again" }
    expect(await codeOf(cvm.ImportImage({ ...again, DryRun: true }))).toBe("none")
    expect(await codeOf(cvm.ImportImage(again))).toBe("InvalidParameter.InvalidParameterUrlError")
  })
})
