/** The one way in which an action says no: a code of the API and a message in English. */
export class ApiFailure extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** Ends the current action with an API error. */
export function refuse(code: string, message: string): never {
  throw new ApiFailure(code, message)
}

/** Messages for `X-TC-Language: zh-CN`. Clients must not parse messages; these exist so that they cannot. */
const chinese: Readonly<Record<string, string>> = {
  "AuthFailure.InvalidAuthorization": "请求头部的 Authorization 不符合腾讯云标准。",
  "AuthFailure.InvalidSecretId": "密钥非法（不是云 API 密钥类型）。",
  "AuthFailure.SecretIdNotFound": "密钥不存在。",
  "AuthFailure.SignatureExpire": "签名过期。",
  "AuthFailure.SignatureFailure": "签名错误。",
  "AuthFailure.TokenFailure": "token 错误。",
  "AuthFailure.UnauthorizedOperation": "请求未授权。",
  UnauthorizedOperation: "未授权操作。",
  InvalidAction: "接口不存在。",
  InvalidParameter: "参数错误（包括参数格式、类型等错误）。",
  InvalidParameterValue: "参数取值错误。",
  MissingParameter: "缺少参数错误。",
  UnknownParameter: "未知参数错误，用户多传未定义的参数会导致错误。",
  NoSuchVersion: "接口版本不存在。",
  RequestLimitExceeded: "请求的次数超过了频率限制。",
  RequestSizeLimitExceeded: "请求包超过限制大小。",
  UnsupportedProtocol: "http(s) 请求协议错误，只支持 GET 和 POST 请求。",
  UnsupportedRegion: "接口不支持所传地域。",
  "InvalidRegion.NotFound": "地域不存在。",
  ImageQuotaLimitExceeded: "镜像配额超过了限制。",
  InvalidFilter: "无效的过滤器。",
  "InvalidImageId.Malformed": "错误的镜像 Id 格式。",
  "InvalidImageId.NotFound": "该镜像不存在。",
  "InvalidImageId.IncorrectState": "镜像处于无效状态。",
  "InvalidImageId.InShared": "镜像处于共享中。",
  "InvalidImageName.Duplicate": "镜像名称与原有镜像重复。",
  "InvalidImageOsType.Unsupported": "不支持的操作系统类型。",
  "InvalidImageOsVersion.Unsupported": "不支持的操作系统版本。",
  "InvalidParameter.InvalidParameterCoexistImageIdsFilters": "参数 ImageIds 和 Filters 不能同时使用。",
  "InvalidParameter.InvalidParameterUrlError": "无效 URL 地址。",
  "InvalidParameterValue.ISOMustImportByForce": "ISO 文件必须强制导入。",
  "InvalidParameterValue.InvalidAppIdFormat": "无效的 AppId。",
  "InvalidParameterValue.InvalidBootMode": "不支持的启动模式。",
  "InvalidParameterValue.InvalidImageFamily": "镜像族名称格式错误。",
  "InvalidParameterValue.InvalidLicenseType": "许可证类型不可用。",
  "InvalidParameterValue.TagKeyNotFound": "指定的标签不存在。",
  "InvalidParameterValue.TooLarge": "参数值超过最大限制。",
  "OperationDenied.InnerUserProhibitAction": "当前用户限制操作。",
  "RegionAbilityLimit.UnsupportedToImportImage": "当前地域不支持导入镜像。",
  "ResourceInUse.TagDuplicate": "标签已存在。",
}

/** The message of a failure in the language that the request asked for. */
export function messageOf(failure: ApiFailure, language: string | undefined): string {
  if (language !== "zh-CN") return failure.message
  return chinese[failure.code] ?? failure.message
}
