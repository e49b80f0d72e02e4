import { isBatchedOperation, keyOfCall } from "../operations.ts";
import type { QueuedCall } from "./call-queue.ts";
import { isMessageCall, MessageBatch } from "./message-batch.ts";

/** Posts that count as one operation in a transaction, and other writes that share their statements or run at the same time. */
export const BATCHED_PER_OPERATION = 10;
const SHARED_PER_OPERATION = 2;

/** Returns the key of a write that can run at the same time as those with other keys. */
export function keyOf({ operation, args }: QueuedCall): string | undefined {
  return keyOfCall(operation, args);
}

/** Returns what a call counts in a transaction, which has a budget of `BATCHED_PER_OPERATION` for each operation. */
export function costOf(call: QueuedCall): number {
  if (isBatchedOperation(call.operation)) return 1;
  return canShare(call) ? BATCHED_PER_OPERATION / SHARED_PER_OPERATION : BATCHED_PER_OPERATION;
}

/** Whether a call can run together with others. */
export function canShare(call: QueuedCall): boolean {
  return isMessageCall(call) || keyOf(call) !== undefined;
}

/** Takes the calls that run together: posts and changes of messages, writes that can run at the same time, or any other one alone. */
export function takeGroup(calls: readonly QueuedCall[], from: number): readonly QueuedCall[] {
  const [first] = calls.slice(from, from + 1);
  if (first === undefined) return [];
  const batch = new MessageBatch();
  const belongs = isMessageCall(first)
    ? (call: QueuedCall) => isMessageCall(call) && batch.add(call)
    : (call: QueuedCall) => keyOf(call) !== undefined;
  let end = from;
  for (let call = calls[end]; call !== undefined && belongs(call); call = calls[end]) end += 1;
  return calls.slice(from, Math.max(end, from + 1));
}
