import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { CloudError, failureOf, failureRule, isKnownCode, toFailure } from "../../src/cloud/failure.ts"
import { COMMON_CODES, IMPORT_CODES } from "../../src/cloud/failure-codes.ts"
import { CLIENT_CODES, OTHER_CODES } from "../../src/cloud/failure-codes-other.ts"
import { errorsPage } from "../../src/cloud/failure-page.ts"

const IMPORT_IMAGE = `ImageQuotaLimitExceeded InvalidImageName.Duplicate InvalidImageOsType.Unsupported
  InvalidImageOsVersion.Unsupported InvalidParameter.InvalidParameterUrlError
  InvalidParameterValue.ISOMustImportByForce InvalidParameterValue.InvalidAppIdFormat
  InvalidParameterValue.InvalidBootMode InvalidParameterValue.InvalidImageFamily
  InvalidParameterValue.InvalidLicenseType InvalidParameterValue.TagKeyNotFound InvalidParameterValue.TooLarge
  OperationDenied.InnerUserProhibitAction RegionAbilityLimit.UnsupportedToImportImage`

const COMMON = `ActionOffline AuthFailure.InvalidAuthorization AuthFailure.InvalidSecretId AuthFailure.MFAFailure
  AuthFailure.SecretIdNotFound AuthFailure.SignatureExpire AuthFailure.SignatureFailure AuthFailure.TokenFailure
  AuthFailure.UnauthorizedOperation DryRunOperation FailedOperation InternalError InvalidAction InvalidParameter
  InvalidParameterValue InvalidRequest IpInBlacklist IpNotInWhitelist LimitExceeded MissingParameter NoSuchProduct
  NoSuchVersion RequestLimitExceeded RequestLimitExceeded.GlobalRegionUinLimitExceeded
  RequestLimitExceeded.IPLimitExceeded RequestLimitExceeded.UinLimitExceeded RequestSizeLimitExceeded
  ResponseSizeLimitExceeded ResourceInUse ResourceInsufficient ResourceNotFound ResourceUnavailable
  ServiceUnavailable UnauthorizedOperation UnknownParameter UnsupportedOperation UnsupportedProtocol
  UnsupportedRegion UnauthorizedOperation.ImageNotBelongToAccount UnauthorizedOperation.InvalidToken
  UnauthorizedOperation.MFAExpired UnauthorizedOperation.MFANotFound UnauthorizedOperation.PermissionDenied
  InternalServerError MutexOperation.TaskRunning`

/** Of ModifyImageAttribute, the share actions, DescribeImages and the tag actions: those not among the former. */
const NEIGHBOURS = `InvalidImageId.IncorrectState InvalidImageId.Malformed InvalidImageId.NotFound
  UnsupportedOperation.SharedImageModifyUnsupported FailedOperation.AccountAlreadyExists
  FailedOperation.AccountIsYourSelf FailedOperation.BYOLImageShareFailed FailedOperation.NotMasterAccount
  FailedOperation.QImageShareFailed FailedOperation.RImageShareFailed InvalidAccountId.NotFound
  InvalidAccountIs.YourSelf InvalidParameter.InstanceImageNotSupport InvalidParameterValue.InvalidImageId
  InvalidParameterValue.InvalidImageState InvalidParameterValue.LimitExceeded OverQuota
  UnsupportedOperation.EncryptedImagesNotSupported UnsupportedOperation.LocationImageNotSupported InvalidFilter
  InvalidFilterValue.LimitExceeded InvalidParameter.InvalidParameterCoexistImageIdsFilters
  InvalidParameterValue.InvalidParameterValueLimit InvalidRegion.NotFound ResourceInUse.TagDuplicate
  ResourceInUse.TagKeyAttached InvalidParameter.ReservedTagKey InvalidParameterValue.ReservedTagKey
  InvalidParameterValue.TagKeyCharacterIllegal InvalidParameterValue.TagKeyEmpty
  InvalidParameterValue.TagKeyLengthExceeded InvalidParameterValue.TagValueCharacterIllegal
  InvalidParameterValue.TagValueEmpty InvalidParameterValue.TagValueLengthExceeded LimitExceeded.TagKey
  LimitExceeded.TagValue LimitExceeded.ResourceAttachedTags FailedOperation.ResourceTagProcessing
  FailedOperation.PolicyEnforcedInvalid ResourceNotFound.TagNonExist ResourceNotFound.AttachedTagKeyNotFound`

const words = (text: string): string[] => text.split(/\s+/)

describe("the failure table", () => {
  it("has exactly the 14 codes of ImportImage, all refusals", () => {
    expect(Object.keys(IMPORT_CODES).sort()).toEqual(words(IMPORT_IMAGE).sort())
    for (const [code, rule] of Object.entries(IMPORT_CODES)) {
      expect({ code, retryable: rule.retryable, ambiguous: rule.ambiguous }).toEqual({
        code,
        retryable: false,
        ambiguous: false,
      })
    }
  })

  it.each(words(`${COMMON} ${NEIGHBOURS}`))("has an entry of its own for %s", (code) => {
    expect(isKnownCode(code)).toBe(true)
  })

  it("names each code once, with advice that ends like a sentence", () => {
    const all = [IMPORT_CODES, COMMON_CODES, OTHER_CODES, CLIENT_CODES].flatMap((codes) =>
      Object.entries(codes),
    )
    expect(new Set(all.map(([code]) => code)).size).toBe(all.length)
    for (const [code, rule] of all) {
      expect(rule.advice, code).toMatch(/^.{15,300}\.$/)
      expect(rule.advice.split(/[.!] /).length, code).toBeLessThanOrEqual(3)
    }
  })

  it("keeps unknown outcomes apart from refusals", () => {
    const unknown =
      "InternalError InternalServerError ServiceUnavailable FailedOperation ResponseSizeLimitExceeded"
    for (const code of words(unknown)) expect(failureRule(code).ambiguous, code).toBe(true)
    const refused = "RequestLimitExceeded AuthFailure.SignatureExpire MissingParameter UnauthorizedOperation"
    for (const code of words(refused)) expect(failureRule(code).ambiguous, code).toBe(false)
  })

  it("falls back to the part before the first dot, then to an unknown outcome", () => {
    expect(failureRule("RequestLimitExceeded.Other")).toBe(failureRule("RequestLimitExceeded"))
    expect(failureRule("InvalidParameterValue.New.Thing")).toBe(failureRule("InvalidParameterValue"))
    expect(failureRule("SomethingNew")).toMatchObject({ ambiguous: true, retryable: false })
    expect(failureRule("constructor")).toMatchObject({ ambiguous: true })
  })

  it("names the CAM action of a missing permission", () => {
    const facts = { message: "denied", service: "cvm", action: "ImportImage" }
    expect(failureOf("UnauthorizedOperation.PermissionDenied", facts).advice).toContain("cvm:ImportImage")
    expect(failureOf("UnauthorizedOperation", { message: "denied" }).advice).not.toContain("{")
  })

  it("is unambiguous where the request provably never left", () => {
    expect(failureOf("ClientError.Timeout", { message: "x" }).ambiguous).toBe(true)
    expect(failureOf("ClientError.Timeout", { message: "x", unsent: true }).ambiguous).toBe(false)
  })

  it("states the skew of the clock in seconds", () => {
    expect(failureOf("AuthFailure.SignatureExpire", { message: "expired", skewSeconds: 601 }).message).toBe(
      "expired (this machine's clock is 601 s ahead of the service's)",
    )
    expect(
      failureOf("AuthFailure.SignatureExpire", { message: "expired", skewSeconds: -601 }).message,
    ).toContain("601 s behind")
  })

  it("makes a failure of anything thrown", () => {
    const failure = failureOf("InternalError", { message: "x" })
    expect(toFailure(new CloudError(failure))).toBe(failure)
    expect(toFailure("odd")).toMatchObject({ code: "ClientError.Unknown", message: "odd" })
  })

  it("is what docs/errors.md says (UPDATE_DOCS=1 writes it)", () => {
    const path = new URL("../../docs/errors.md", import.meta.url)
    if (process.env.UPDATE_DOCS === "1" || !existsSync(path)) writeFileSync(path, errorsPage())
    expect(readFileSync(path, "utf8")).toBe(errorsPage())
  })
})
