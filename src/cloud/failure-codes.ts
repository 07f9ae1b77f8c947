/**
 * What each code of a failed call means to us: the one table. Sources: the business codes that the vendor's SDKs list
 * per action, the common codes of API 3.0, and our own `ClientError.*` for what the wire does to a call.
 *
 * The outcome classes of a write: not accepted (`ambiguous: false`) are refusals by validation, authentication,
 * permission and limits; unknown (`ambiguous: true`) is whatever may have been carried out.
 */
import {
  type FailureRule,
  GRANT,
  KEYS,
  LOOK_FIRST,
  later,
  no,
  OS_LIST,
  REPORT,
  THROTTLED,
  unclear,
  unsure,
} from "./failure-rules.ts"

/** The 14 codes that ImportImage documents. */
export const IMPORT_CODES: Readonly<Record<string, FailureRule>> = {
  ImageQuotaLimitExceeded: no(
    "quota",
    "The region has no room for another image: delete images that are not needed or have the quota raised.",
  ),
  "InvalidImageName.Duplicate": no(
    "manifest",
    "An image of this name exists in the account and region: run plan, which tells whose it is.",
  ),
  "InvalidImageOsType.Unsupported": no(
    "manifest",
    `spec.os.type is not one that can be imported. ${OS_LIST}`,
  ),
  "InvalidImageOsVersion.Unsupported": no(
    "manifest",
    `spec.os.version is not one that can be imported. ${OS_LIST}`,
  ),
  "InvalidParameter.InvalidParameterUrlError": no(
    "manifest",
    "The service does not take spec.source.url: it must be an object in COS, in the image's own region, that is public or signed (source.sign: true).",
  ),
  "InvalidParameterValue.ISOMustImportByForce": no(
    "manifest",
    "An ISO file is imported only with force: true.",
  ),
  "InvalidParameterValue.InvalidAppIdFormat": no(
    "account",
    "The service does not accept the account's APPID: check that the account is fully registered and that site (intl, cn) is the right one.",
  ),
  "InvalidParameterValue.InvalidBootMode": no(
    "manifest",
    "spec.bootMode is not possible for this operating system, architecture or region: leave it out or use the other value.",
  ),
  "InvalidParameterValue.InvalidImageFamily": no(
    "manifest",
    "The service does not take the name in spec.family: use letters, digits, dots and hyphens.",
  ),
  "InvalidParameterValue.InvalidLicenseType": no(
    "manifest",
    "spec.licenseType is not possible here: use TencentCloud, BYOL or leave it out.",
  ),
  "InvalidParameterValue.TagKeyNotFound": no(
    "account",
    "A tag of the image is not known to the account: let cvmimg create it (CAM action tag:CreateTag), create it yourself, or set provenance.tags: false if it is one of ours.",
  ),
  "InvalidParameterValue.TooLarge": no(
    "manifest",
    "A value is longer than the service allows: names have 60 characters, descriptions 256 with our mark in them.",
  ),
  "OperationDenied.InnerUserProhibitAction": no(
    "account",
    "The account is not allowed to do this: ask Tencent Cloud support.",
  ),
  "RegionAbilityLimit.UnsupportedToImportImage": no(
    "manifest",
    "This region cannot import images: take it out of spec.regions, or import elsewhere and copy the image.",
  ),
}

/** Codes that any call may answer. */
export const COMMON_CODES: Readonly<Record<string, FailureRule>> = {
  ActionOffline: no("service", "The service no longer offers this call: look for a newer release of cvmimg."),
  AuthFailure: no("permission", KEYS),
  "AuthFailure.InvalidAuthorization": no("client", REPORT),
  "AuthFailure.InvalidSecretId": no("permission", `The secret id is not one of the cloud API. ${KEYS}`),
  "AuthFailure.MFAFailure": no(
    "permission",
    "The account asks for multi-factor authentication, which an API call cannot give: use credentials without it or temporary ones.",
  ),
  "AuthFailure.SecretIdNotFound": no(
    "permission",
    `The secret id is unknown, deleted or disabled, or belongs to the other site (intl, cn). ${KEYS}`,
  ),
  "AuthFailure.SignatureExpire": no(
    "client",
    "The clock of this machine is more than five minutes off: set it by NTP, then run again.",
  ),
  "AuthFailure.SignatureFailure": no("permission", `The secret key does not fit the secret id. ${KEYS}`),
  "AuthFailure.TokenFailure": no(
    "permission",
    "The temporary credentials have expired or their token is wrong: get new ones, then run again; the images already accepted go on.",
  ),
  "AuthFailure.UnauthorizedOperation": no("permission", GRANT),
  DryRunOperation: no(
    "client",
    "No failure: a rehearsal passed. Whoever sees this as an error should report it.",
  ),
  FailedOperation: unclear("service", LOOK_FIRST),
  InternalError: unsure("service", LOOK_FIRST),
  InternalServerError: unsure("service", LOOK_FIRST),
  InvalidAction: no("client", REPORT),
  InvalidParameter: no(
    "manifest",
    "The service refuses a value of the request; its message names it. Correct the manifest.",
  ),
  InvalidParameterValue: no(
    "manifest",
    "The service refuses a value of the request; its message names it. Correct the manifest.",
  ),
  InvalidRequest: no("client", REPORT),
  IpInBlacklist: no(
    "permission",
    "The address of this machine is on the account's blacklist: take it off, or run from elsewhere.",
  ),
  IpNotInWhitelist: no(
    "permission",
    "The address of this machine is not on the account's whitelist: add it, or run from elsewhere.",
  ),
  LimitExceeded: no("quota", "A limit of the account is reached: free what is not needed or have it raised."),
  MissingParameter: no("client", REPORT),
  MutexOperation: later("service", "Another task holds the resource: run again when it is over."),
  "MutexOperation.TaskRunning": later(
    "service",
    "Another task works on the image: run again when it is over.",
  ),
  NoSuchProduct: no("client", REPORT),
  NoSuchVersion: no("client", REPORT),
  OperationDenied: no(
    "account",
    "The service denies this to the account: its message says why; else ask Tencent Cloud support.",
  ),
  RequestLimitExceeded: later("rate", THROTTLED),
  "RequestLimitExceeded.GlobalRegionUinLimitExceeded": later("rate", THROTTLED),
  "RequestLimitExceeded.IPLimitExceeded": later("rate", THROTTLED),
  "RequestLimitExceeded.UinLimitExceeded": later("rate", THROTTLED),
  RequestSizeLimitExceeded: no("client", REPORT),
  ResponseSizeLimitExceeded: unclear("service", LOOK_FIRST),
  ResourceInUse: no("account", "Something uses the resource: its message says what."),
  ResourceInsufficient: no(
    "service",
    "The region has not enough resources at present: run again later or use another region.",
  ),
  ResourceNotFound: no("account", "What the call names does not exist: run plan again."),
  ResourceUnavailable: later("service", "The resource is not available at present: run again later."),
  ServiceUnavailable: unsure("service", LOOK_FIRST),
  UnauthorizedOperation: no("permission", GRANT),
  "UnauthorizedOperation.ImageNotBelongToAccount": no(
    "permission",
    "The image belongs to another account: use that account's credentials.",
  ),
  "UnauthorizedOperation.InvalidToken": no(
    "permission",
    "The temporary credentials have expired or their token is wrong: get new ones, then run again.",
  ),
  "UnauthorizedOperation.MFAExpired": no(
    "permission",
    "The multi-factor session has expired: renew it or use credentials without it.",
  ),
  "UnauthorizedOperation.MFANotFound": no(
    "permission",
    "The account asks for multi-factor authentication, which these credentials lack: use others.",
  ),
  "UnauthorizedOperation.PermissionDenied": no("permission", GRANT),
  UnknownParameter: no(
    "manifest",
    "The service does not know a parameter of the request: dataDisks exist on site cn only; check site in cvmimg.yaml.",
  ),
  UnsupportedOperation: no(
    "manifest",
    "The service does not support this for the image; its message says why.",
  ),
  UnsupportedProtocol: no("client", REPORT),
  UnsupportedRegion: no(
    "manifest",
    "The service does not know this region or has not opened it to the account: correct spec.regions.",
  ),
}
