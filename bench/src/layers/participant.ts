import { createInterface } from "node:readline";
import { MAX_IN_FLIGHT, nowUs, type ParticipantCommand, type ParticipantReply } from "./plan.ts";

/** What each subject implements: a process with one member in each group. */
export interface Participant {
  join(group: string): Promise<void>;
  /** Resolves when the next message may be sent, which bounds the messages in flight. */
  send(group: string, sentUs: number): Promise<void>;
}

/** Groups joined at once. */
const MAX_JOINS_AT_ONCE = 500;
/** The most latencies kept: a flood does not use them. */
const MAX_LATENCIES = 10_000;

/** Counts received messages. */
export class ReceivedCounter {
  #until = 0;
  #count = 0;
  #latenciesUs: number[] = [];

  start(until: number): void {
    this.#until = until;
    this.#count = 0;
    this.#latenciesUs = [];
  }

  count(sentUs: number): void {
    const now = nowUs();
    if (now > this.#until) return;
    this.#count += 1;
    if (this.#latenciesUs.length < MAX_LATENCIES) this.#latenciesUs.push(now - sentUs);
  }

  report(): ParticipantReply {
    return { received: this.#count, latenciesUs: this.#latenciesUs };
  }
}

export function groupName(index: number): string {
  return `room.${index}`;
}

/** Runs the commands from the standard input, and replies on the standard output. */
export async function serve(participant: Participant, received: ReceivedCounter): Promise<void> {
  let joined = 0;
  for await (const line of createInterface({ input: process.stdin })) {
    const command = JSON.parse(line) as ParticipantCommand;
    let reply: ParticipantReply = {};
    switch (command.do) {
      case "join":
        for (; joined < command.groups; joined += MAX_JOINS_AT_ONCE) {
          const count = Math.min(command.groups - joined, MAX_JOINS_AT_ONCE);
          await Promise.all(Array.from({ length: count }, (_, n) => participant.join(groupName(joined + n))));
        }
        joined = command.groups;
        break;
      case "count":
        received.start(command.until);
        break;
      case "flood":
        await flood(participant, command.groups, command.until);
        break;
      case "pace":
        await pace(participant, command.groups, command.until, command.rate);
        break;
      case "report":
        reply = received.report();
        break;
    }
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
  process.exit(0);
}

async function flood(participant: Participant, groups: number, until: number): Promise<void> {
  let sent = 0;
  await Promise.all(
    Array.from({ length: MAX_IN_FLIGHT }, async () => {
      while (nowUs() < until) {
        sent += 1;
        await participant.send(groupName(sent % groups), nowUs());
      }
    }),
  );
}

async function pace(participant: Participant, groups: number, until: number, rate: number): Promise<void> {
  const startedAt = nowUs();
  for (let sent = 0; nowUs() < until; sent += 1) {
    const dueAt = startedAt + (sent * 1e6) / rate;
    const earlyUs = dueAt - nowUs();
    if (earlyUs > 0) await new Promise((resolve) => setTimeout(resolve, earlyUs / 1_000));
    void participant.send(groupName(sent % groups), nowUs());
  }
}
