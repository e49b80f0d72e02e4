import { setTimeout as wait } from "node:timers/promises";
import type { Subject } from "./contestants.ts";
import { HerdConnection } from "./herd-connection.ts";
import { type JitterPlan, type Phase, textOf } from "./plan.ts";

/** Loopback addresses that the connections come from: each has some 28,000 ports. */
const ADDRESSES = 4;
/** Connections that are opened in one go at the beginning. */
const AT_ONCE = 50;
const tickMs = 5;
/** Messages that are sent in one go, at most. */
const MOST_DUE = 5;
/** Milliseconds within which clients notice that the network is back: the first wait of the SDK's backoff. */
const NOTICE_MS = 500;

/** All connections to one server, and a sender that never drops. */
export class Herd {
  readonly connections: readonly HerdConnection[];
  readonly #sender: HerdConnection;
  readonly #plan: JitterPlan;
  /** By room, how many messages were sent to it. */
  readonly #sent: number[];
  /** By room, the place of the latest message that anybody has. */
  readonly #arrived: number[];
  #turn = 0;
  #sending: NodeJS.Timeout | undefined;

  constructor(subject: Subject, plan: JitterPlan) {
    this.#plan = plan;
    this.#sent = Array.from({ length: plan.rooms }, () => 0);
    this.#arrived = [...this.#sent];
    const member = (index: number, room: number): HerdConnection =>
      new HerdConnection(
        room,
        subject.port,
        `127.0.0.${1 + (index % ADDRESSES)}`,
        () => this.#arrived[room] ?? 0,
        (connection) =>
          subject.voice(index, room, { joined: () => connection.joined(), heard: (n) => this.#heard(connection, n) }),
      );
    this.connections = Array.from({ length: plan.connections }, (_, index) => member(index, index % plan.rooms));
    this.#sender = member(plan.connections, 0);
  }

  get posted(): number {
    return this.#sent.reduce((sum, count) => sum + count, 0);
  }

  /** Of each message that was sent until now, to each connection of its room. */
  get expected(): number {
    return this.connections.reduce((sum, { room }) => sum + (this.#sent[room] ?? 0), 0);
  }

  /** Opens all; resolves when all are in their rooms. */
  async open(): Promise<void> {
    await joined(this.#sender);
    this.#sender.onLost = () => {
      throw new Error("Expected the sender to keep its connection: the server cut it.");
    };
    for (const text of this.#sender.voice.sendsTo(this.#plan.rooms)) this.#sender.say(text);
    for (let next = 0; next < this.connections.length; next += AT_ONCE) {
      await Promise.all(this.connections.slice(next, next + AT_ONCE).map(joined));
    }
  }

  /** Sends at the plan's rate, to one room after another. */
  send(): void {
    let due = 0;
    let last = performance.now();
    this.#sending = setInterval(() => {
      const now = performance.now();
      // After a pause of this process's own it goes on at the rate; what it did not send meanwhile it does not send in a burst.
      due = Math.min(MOST_DUE, due + ((now - last) / 1_000) * this.#plan.rate);
      last = now;
      for (; due >= 1; due -= 1) this.#sendOne();
    }, tickMs);
  }

  stopSending(): void {
    clearInterval(this.#sending);
  }

  /** Takes the network from everybody, once; resolves when it is back for all. */
  async disturb(phase: Phase): Promise<void> {
    const { withinSeconds, awaySeconds } = this.#plan;
    for (const connection of this.connections) connection.current = undefined;
    const away = 1_000 * awaySeconds;
    const within = phase === "wave" ? 0 : 1_000 * withinSeconds;
    const timers = this.connections.map((connection) => {
      const drop = () => connection.drop(away, Math.random() * NOTICE_MS);
      if (phase === "jitter") return setTimeout(drop, Math.random() * within);
      drop();
      return undefined;
    });
    try {
      await wait(within + away + NOTICE_MS);
    } finally {
      for (const timer of timers) clearTimeout(timer);
    }
  }

  /** Waits until everybody has everything, or patience ends. */
  async settle(): Promise<void> {
    const until = performance.now() + 1_000 * this.#plan.patienceSeconds;
    while (performance.now() < until) {
      if (this.connections.every((connection) => this.#isLevel(connection))) return;
      await wait(100);
    }
  }

  close(): void {
    this.stopSending();
    for (const connection of [...this.connections, this.#sender]) connection.close();
  }

  #heard(connection: HerdConnection, n: number): void {
    connection.heard(n);
    if (n > (this.#arrived[connection.room] ?? 0)) this.#arrived[connection.room] = n;
  }

  /** It is there, and no message was kept from it. */
  isWhole(connection: HerdConnection): boolean {
    return connection.tally.missed === 0 && this.#isLevel(connection);
  }

  #isLevel({ isOpen, tally, room }: HerdConnection): boolean {
    return isOpen && tally.last === this.#sent[room];
  }

  #sendOne(): void {
    const room = this.#turn % this.#plan.rooms;
    this.#turn += 1;
    const n = (this.#sent[room] ?? 0) + 1;
    this.#sent[room] = n;
    this.#sender.say(this.#sender.voice.message(room, textOf(n)));
  }
}

function joined(connection: HerdConnection): Promise<void> {
  return new Promise((resolve) => {
    connection.onJoined = resolve;
    connection.connect();
  });
}
