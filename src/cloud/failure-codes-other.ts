/** The rest of the failure table: codes of the calls beside ImportImage, and our own for what the wire does to a call. */
import {
  type FailureRule,
  LOOK_FIRST,
  later,
  NOT_FOUND,
  no,
  REPORT,
  STATE,
  TAG_RULES,
  unclear,
  unsure,
} from "./failure-rules.ts"

/** Codes of the other calls that cvmimg makes. */
export const OTHER_CODES: Readonly<Record<string, FailureRule>> = {
  "FailedOperation.AccountAlreadyExists": no(
    "manifest",
    "The image is shared with that account already: run plan again.",
  ),
  "FailedOperation.AccountIsYourSelf": no(
    "manifest",
    "An image cannot be shared with its own account: take it out of spec.sharedWith.",
  ),
  "FailedOperation.BYOLImageShareFailed": no(
    "manifest",
    "An image with its own licence (BYOL) cannot be shared: empty spec.sharedWith.",
  ),
  "FailedOperation.IllegalTagKey": no("manifest", TAG_RULES),
  "FailedOperation.InvalidImageState": later("service", STATE),
  "FailedOperation.NotMasterAccount": no(
    "manifest",
    "Images are shared with root accounts only: name root accounts in spec.sharedWith.",
  ),
  "FailedOperation.PolicyEnforcedInvalid": no(
    "account",
    "A tag policy of the organisation forbids this tag: follow the policy.",
  ),
  "FailedOperation.QImageShareFailed": no(
    "account",
    "The service cannot share this image; its message says why.",
  ),
  "FailedOperation.ResourceTagProcessing": later(
    "service",
    "Tags of the image are being changed by another call: run again.",
  ),
  "FailedOperation.RImageShareFailed": no(
    "account",
    "The service cannot share this image; its message says why.",
  ),
  "FailedOperation.TagAttachedResource": no("account", "The tag is in use; its message says where."),
  "FailedOperation.TagKeyReserved": no("manifest", TAG_RULES),
  InvalidAccountId: no("manifest", "An account in spec.sharedWith does not exist: name root account ids."),
  "InvalidAccountId.NotFound": no(
    "manifest",
    "An account in spec.sharedWith does not exist: name root account ids.",
  ),
  "InvalidAccountIs.YourSelf": no(
    "manifest",
    "An image cannot be shared with its own account: take it out of spec.sharedWith.",
  ),
  InvalidFilter: no("client", REPORT),
  "InvalidFilterValue.LimitExceeded": no("client", REPORT),
  "InvalidHostId.Malformed": no("client", REPORT),
  InvalidImageId: no("account", NOT_FOUND),
  "InvalidImageId.IncorrectState": later("service", STATE),
  "InvalidImageId.InShared": no("account", "The image is shared out: end the shares first."),
  "InvalidImageId.Malformed": no("client", REPORT),
  "InvalidImageId.NotFound": no("account", NOT_FOUND),
  "InvalidImageId.TooLarge": no("account", "The image is too large for this."),
  "InvalidInstanceType.Malformed": no("client", REPORT),
  "InvalidParameter.InstanceImageNotSupport": no(
    "manifest",
    "A whole-machine image with data disks cannot be shared or copied.",
  ),
  "InvalidParameter.InvalidParameterCoexistImageIdsFilters": no("client", REPORT),
  "InvalidParameter.ReservedTagKey": no("manifest", TAG_RULES),
  "InvalidParameter.Tag": no("manifest", TAG_RULES),
  "InvalidParameter.ValueTooLarge": no(
    "manifest",
    "A value is longer than the service allows: names have 60 characters, descriptions 256 with our mark in them.",
  ),
  "InvalidParameterValue.DuplicateTags": no("manifest", "A tag key is named twice."),
  "InvalidParameterValue.InstanceTypeNotFound": no("client", REPORT),
  "InvalidParameterValue.InvalidImageId": no("account", NOT_FOUND),
  "InvalidParameterValue.InvalidImageIdIsShared": no(
    "account",
    "The image was shared by another account, which alone can change it.",
  ),
  "InvalidParameterValue.InvalidImageState": later("service", STATE),
  "InvalidParameterValue.InvalidParameterValueLimit": no("client", REPORT),
  "InvalidParameterValue.LimitExceeded": no(
    "quota",
    "The call names more than the service takes at once; its message says which.",
  ),
  "InvalidParameterValue.ReservedTagKey": no("manifest", TAG_RULES),
  "InvalidParameterValue.ResourceDescriptionError": no("client", REPORT),
  "InvalidParameterValue.TagKeyCharacterIllegal": no("manifest", TAG_RULES),
  "InvalidParameterValue.TagKeyDuplicate": no("manifest", "A tag key is named twice."),
  "InvalidParameterValue.TagKeyEmpty": no("manifest", TAG_RULES),
  "InvalidParameterValue.TagKeyLengthExceeded": no("manifest", TAG_RULES),
  "InvalidParameterValue.TagQuotaLimitExceeded": no(
    "quota",
    "An image takes 50 tags: remove some from the manifest or the image.",
  ),
  "InvalidParameterValue.TagValueCharacterIllegal": no("manifest", TAG_RULES),
  "InvalidParameterValue.TagValueEmpty": no(
    "manifest",
    "A tag needs a value: write one, or null to have the tag removed.",
  ),
  "InvalidParameterValue.TagValueLengthExceeded": no("manifest", TAG_RULES),
  "InvalidParameterValue.ZoneNotSupported": no("client", REPORT),
  InvalidRegion: no(
    "manifest",
    "The service does not know this region or has not opened it to the account: correct spec.regions.",
  ),
  "InvalidRegion.NotFound": no(
    "manifest",
    "The service does not know this region or has not opened it to the account: correct spec.regions.",
  ),
  "InvalidRegion.Unavailable": no(
    "manifest",
    "The region is not available to the account: correct spec.regions.",
  ),
  "InvalidZone.MismatchRegion": no("client", REPORT),
  "LimitExceeded.Quota": no("quota", "The account has reached its number of tags: remove unused ones."),
  "LimitExceeded.ResourceAttachedTags": no(
    "quota",
    "An image takes 50 tags: remove some from the manifest or the image.",
  ),
  "LimitExceeded.ResourceNumPerRequest": no("client", REPORT),
  "LimitExceeded.TagKey": no("quota", "The account has reached its number of tag keys: remove unused ones."),
  "LimitExceeded.TagNumPerRequest": no("client", REPORT),
  "LimitExceeded.TagValue": no("quota", "The tag key has reached its number of values: remove unused ones."),
  OverQuota: no("quota", "The image is shared with as many accounts as the service allows: end some shares."),
  RegionAbilityLimit: no("manifest", "The region cannot do this: use another region."),
  "ResourceInUse.TagDuplicate": no("account", "No failure: the tag exists already."),
  "ResourceInUse.TagKeyAttached": no("account", "The image has a tag of this key already: run plan again."),
  "ResourceNotFound.AttachedTagKeyNotFound": no(
    "account",
    "The image has no tag of this key: run plan again.",
  ),
  "ResourceNotFound.TagNonExist": no(
    "account",
    "The tag is not known to the account: let cvmimg create it (CAM action tag:CreateTag), or create it yourself.",
  ),
  "UnsupportedOperation.EncryptedImagesNotSupported": no("manifest", "An encrypted image cannot be shared."),
  "UnsupportedOperation.LocationImageNotSupported": no(
    "manifest",
    "The image's location does not allow this.",
  ),
  "UnsupportedOperation.SharedImageModifyUnsupported": no(
    "account",
    "The image was shared by another account, which alone can change it.",
  ),
}

const NETWORK = "Check the network, the proxy settings and status.cloud.tencent.com, then run again."

/** Ours: the API gave no code. */
export const CLIENT_CODES: Readonly<Record<string, FailureRule>> = {
  "ClientError.Aborted": unclear(
    "client",
    "The run was stopped while the call was under way; run plan to see what became of it.",
  ),
  "ClientError.ConnectionLost": unsure("network", `${NETWORK} ${LOOK_FIRST}`),
  "ClientError.ConnectionRefused": later(
    "network",
    `Nothing accepts connections at that address. ${NETWORK}`,
  ),
  "ClientError.Credentials": no(
    "permission",
    "Provide credentials in one of the places that docs/credentials.md names.",
  ),
  "ClientError.Dns": later(
    "network",
    "The host name cannot be resolved: check the name server, and HTTPS_PROXY if a proxy is needed.",
  ),
  "ClientError.Endpoint": no(
    "client",
    "Give --endpoint or CVMIMG_ENDPOINT as https://HOST or, for the emulator, http://127.0.0.1:PORT.",
  ),
  "ClientError.HttpStatus": unsure("service", LOOK_FIRST),
  "ClientError.InvalidReply": unsure(
    "network",
    `Something between here and the service may answer in its place (proxy, captive portal). ${LOOK_FIRST}`,
  ),
  "ClientError.ListingUnstable": later(
    "service",
    "Images come and go faster than they can be listed: run again when it is quieter.",
  ),
  "ClientError.Proxy": later(
    "network",
    "The proxy named by HTTPS_PROXY does not connect: check it, or exclude the host with NO_PROXY.",
  ),
  "ClientError.ReadOnly": no("client", REPORT),
  "ClientError.Timeout": unsure("network", `${NETWORK} ${LOOK_FIRST}`),
  "ClientError.Tls": no(
    "network",
    "The certificate is not trusted: find out who intercepts the connection. A company's own authority is named by NODE_EXTRA_CA_CERTS.",
  ),
  "ClientError.TooLarge": unclear(
    "service",
    "The reply is larger than any of this service should be: check the endpoint and the proxy.",
  ),
  "ClientError.Unknown": unclear("client", "This should not happen: report it."),
}
