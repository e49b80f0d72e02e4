import type { Random } from "../clients/random.ts";
import type { DataPlan } from "./plan.ts";

/** How unevenly the messages are spread over the rooms after the largest. */
const EXPONENT = 0.6;

/** Returns how many messages each room gets; the first one is the largest. */
export function roomSizes({ messages, rooms, largest }: DataPlan): readonly number[] {
  const rest = messages - largest;
  const weights = Array.from({ length: rooms - 1 }, (_, index) => 1 / (index + 5) ** EXPONENT);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const sizes = [largest, ...weights.map((weight) => Math.floor((rest * weight) / sum))];
  // What rounding has left.
  for (let index = 0, left = messages - sizes.reduce((total, size) => total + size, 0); left > 0; left -= 1) {
    index = 1 + (index % Math.max(1, rooms - 1));
    sizes[index] = (sizes[index] ?? 0) + 1;
  }
  return sizes;
}

/** Returns the room of each message, so that all rooms grow at the same time. */
export function roomOrder(sizes: readonly number[], random: Random): Uint16Array {
  const order = new Uint16Array(sizes.reduce((sum, size) => sum + size, 0));
  let at = 0;
  for (const [room, size] of sizes.entries()) {
    order.fill(room, at, at + size);
    at += size;
  }
  for (let index = order.length - 1; index > 0; index -= 1) {
    const other = random.integerBelow(index + 1);
    [order[index], order[other]] = [order[other] ?? 0, order[index] ?? 0];
  }
  return order;
}
