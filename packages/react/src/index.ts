export type { CallState } from "./calls/command-calls.ts";
export { type CallHandle, useCall } from "./calls/use-call.ts";
export { type ReadySource, useReady } from "./subscriptions/use-ready.ts";
export {
  type UsedSubscription,
  type UseSubscriptionOptions,
  useSubscription,
} from "./subscriptions/use-subscription.ts";
export { useConnection } from "./use-connection.ts";
export { useEvent } from "./use-event.ts";
