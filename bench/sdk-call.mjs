// node bench/sdk-call.mjs: one DescribeImages by the vendor's SDK as its users call it, and nothing else.
import { cvm } from "tencentcloud-sdk-nodejs/tencentcloud/services/cvm/index.js"

const { CVMIMG_ENDPOINT, TENCENTCLOUD_SECRET_ID, TENCENTCLOUD_SECRET_KEY } = process.env
const { protocol, host } = new URL(CVMIMG_ENDPOINT)
const client = new cvm.v20170312.Client({
  credential: { secretId: TENCENTCLOUD_SECRET_ID, secretKey: TENCENTCLOUD_SECRET_KEY },
  region: "ap-bangkok",
  profile: { httpProfile: { protocol: `${protocol}//`, endpoint: host } },
})
await client.DescribeImages({ Filters: [{ Name: "image-type", Values: ["PRIVATE_IMAGE"] }], Limit: 100 })
