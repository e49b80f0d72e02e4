import { createInterface } from "node:readline";
import { type Answer, inFlight, nowUs, type Order } from "./plan.ts";

/** The side of a process that differs from contestant to contestant. */
export interface Side {
  join(group: string): Promise<void>;
  /** Resolves when the next one may be sent: so many are under way and not more. */
  send(group: string, sentUs: number): Promise<void>;
}

/** Most latencies kept: a flood has no use for them. */
const mostLatencies = 10_000;

/** Counts what arrives. */
export class Received {
  #until = 0;
  #count = 0;
  #latenciesUs: number[] = [];

  begin(until: number): void {
    this.#until = until;
    this.#count = 0;
    this.#latenciesUs = [];
  }

  one(sentUs: number): void {
    const now = nowUs();
    if (now > this.#until) return;
    this.#count += 1;
    if (this.#latenciesUs.length < mostLatencies) this.#latenciesUs.push(now - sentUs);
  }

  report(): Answer {
    return { received: this.#count, latenciesUs: this.#latenciesUs };
  }
}

export function groupName(index: number): string {
  return `room.${index}`;
}

/** Does what the orders on the standard input say. */
export async function serve(side: Side, received: Received): Promise<void> {
  let joined = 0;
  for await (const line of createInterface({ input: process.stdin })) {
    const order = JSON.parse(line) as Order;
    let answer: Answer = {};
    switch (order.do) {
      case "join":
        for (; joined < order.groups; joined += 500) {
          const last = Math.min(order.groups, joined + 500);
          await Promise.all(Array.from({ length: last - joined }, (_, n) => side.join(groupName(joined + n))));
        }
        joined = order.groups;
        break;
      case "count":
        received.begin(order.until);
        break;
      case "flood":
        await flood(side, order.groups, order.until);
        break;
      case "pace":
        await pace(side, order.groups, order.until, order.rate);
        break;
      case "report":
        answer = received.report();
        break;
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
  process.exit(0);
}

async function flood(side: Side, groups: number, until: number): Promise<void> {
  let sent = 0;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (nowUs() < until) {
        sent += 1;
        await side.send(groupName(sent % groups), nowUs());
      }
    }),
  );
}

async function pace(side: Side, groups: number, until: number, rate: number): Promise<void> {
  const begun = nowUs();
  for (let sent = 0; nowUs() < until; sent += 1) {
    const due = begun + (sent * 1e6) / rate;
    const early = due - nowUs();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early / 1_000));
    void side.send(groupName(sent % groups), nowUs());
  }
}
