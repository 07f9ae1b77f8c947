/** One apply of two imports and an update, event by event. */
import type { ApplyEvent, Result } from "../../src/model/outcome.ts"
import { aFailure, aResult } from "./build.ts"

/** 2026-11-03T12:00:00Z. */
export const START: number = 1_793_707_200_000
const singapore = { image: "ubuntu-22.04-base", account: "default", region: "ap-singapore" }
const frankfurt = { ...singapore, region: "eu-frankfurt" }
const debian = { ...singapore, image: "debian-12-base" }
const requestId = "0b9d3a3e-6a55-4d2f-8f0f-52a5c7a3b001"
const at = (seconds: number): number => START + seconds * 1000

export const failed: Result = aResult({
  ...frankfurt,
  outcome: "failed",
  imageId: "img-fa11ed00",
  durationMs: 1_805_000,
  error: aFailure({
    code: "ImportFailed",
    message: "The service gave the image img-fa11ed00 up (IMPORTFAILED); it does not say why.",
    blame: "manifest",
    advice:
      "Known causes:\n- the file is not of the declared format\n- the kernel has no virtio drivers, or they are not in the initramfs: https://www.tencentcloud.com/document/product/213/9929\n- the disk is larger than the region allows",
    action: "ImportImage",
    region: "eu-frankfurt",
    requestId,
  }),
})

export const events: readonly ApplyEvent[] = [
  { type: "run.started", at: at(0), actions: 3 },
  { type: "tags.started", at: at(0), pairs: 2 },
  { type: "tags.settled", at: at(1), created: 2 },
  { type: "rehearsal.started", at: at(1), imports: 2 },
  { type: "rehearsal.checked", at: at(2), placement: singapore, requestId },
  { type: "rehearsal.checked", at: at(2), placement: frankfurt, error: aFailure({ region: "eu-frankfurt" }) },
  { type: "rehearsal.settled", at: at(2), failed: 1 },
  { type: "placement.started", at: at(3), placement: singapore, action: "import" },
  { type: "placement.started", at: at(3), placement: frankfurt, action: "import" },
  { type: "placement.started", at: at(3), placement: debian, action: "update" },
  {
    type: "update.started",
    at: at(3),
    placement: debian,
    imageId: "img-deb00001",
    step: "attributes",
  },
  { type: "import.accepted", at: at(4), placement: singapore, requestId, imageId: "img-8toqc6s3" },
  {
    type: "import.unclear",
    at: at(4),
    placement: frankfurt,
    error: aFailure({ code: "ClientError.Timeout" }),
  },
  { type: "call.retried", at: at(5), failure: aFailure({ code: "RequestLimitExceeded" }), delayMs: 1200 },
  {
    type: "update.settled",
    at: at(6),
    placement: debian,
    imageId: "img-deb00001",
    step: "attributes",
    requestId,
  },
  {
    type: "placement.settled",
    at: at(6),
    result: aResult({ ...debian, action: "update", imageId: "img-deb00001", durationMs: 3000 }),
  },
  {
    type: "image.state",
    at: at(34),
    placement: singapore,
    imageId: "img-8toqc6s3",
    state: "IMPORTING",
    progress: 42,
  },
  { type: "image.state", at: at(34), placement: frankfurt, imageId: "img-fa11ed00", state: "IMPORTING" },
  { type: "interrupted", at: at(60) },
  { type: "placement.settled", at: at(1808), result: failed },
  { type: "run.settled", at: at(1809), results: [failed] },
]
