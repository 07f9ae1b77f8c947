export { type Delivery, deliver, type Post } from "./deliver.ts"
export { notificationOf } from "./notification.ts"
export {
  parseTarget,
  resolveTarget,
  type SecretRef,
  type Target,
  type TargetSpec,
  targetText,
} from "./target.ts"
