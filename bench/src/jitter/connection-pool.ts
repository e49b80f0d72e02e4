import { setTimeout as wait } from "node:timers/promises";
import { type JitterPlan, type Phase, textOf } from "./plan.ts";
import { PooledConnection } from "./pooled-connection.ts";
import type { SubjectServer } from "./subject-servers.ts";

/** Loopback addresses that the connections use: each has about 28,000 ports. */
const ADDRESSES = 4;
/** The most connections opened at the same time at the start. */
const MAX_OPENING_AT_ONCE = 50;
const TICK_MS = 5;
/** The most messages sent in one tick. */
const MAX_BURST = 5;
/** The time within which clients notice that the network is back: the first delay of the SDK's backoff. */
const MAX_NOTICE_MS = 500;

/** All connections to one server, and a sender that never drops. */
export class ConnectionPool {
  readonly connections: readonly PooledConnection[];
  readonly #sender: PooledConnection;
  readonly #plan: JitterPlan;
  /** How many messages were sent to each room. */
  readonly #sent: number[];
  /** The number of the latest message that any connection of each room has received. */
  readonly #latest: number[];
  #nextRoom = 0;
  #sendTimer: NodeJS.Timeout | undefined;

  constructor(server: SubjectServer, plan: JitterPlan) {
    this.#plan = plan;
    this.#sent = Array.from({ length: plan.rooms }, () => 0);
    this.#latest = [...this.#sent];
    const connect = (index: number, room: number): PooledConnection =>
      new PooledConnection(
        room,
        server.port,
        `127.0.0.${1 + (index % ADDRESSES)}`,
        () => this.#latest[room] ?? 0,
        (connection) =>
          server.createClient(index, room, {
            joined: () => connection.markJoined(),
            received: (n) => this.#onReceived(connection, n),
          }),
      );
    this.connections = Array.from({ length: plan.connections }, (_, index) => connect(index, index % plan.rooms));
    this.#sender = connect(plan.connections, 0);
  }

  get posted(): number {
    return this.#sent.reduce((sum, count) => sum + count, 0);
  }

  /** The deliveries of all messages sent so far, one to each connection of their room. */
  get expected(): number {
    return this.connections.reduce((sum, { room }) => sum + (this.#sent[room] ?? 0), 0);
  }

  /** Opens all connections. Resolves when all are in their rooms. */
  async open(): Promise<void> {
    await untilJoined(this.#sender);
    this.#sender.onLost = () => {
      throw new Error("Expected the sender to keep its connection: the server cut it.");
    };
    for (const text of this.#sender.client.senderSetup(this.#plan.rooms)) this.#sender.send(text);
    for (let next = 0; next < this.connections.length; next += MAX_OPENING_AT_ONCE) {
      await Promise.all(this.connections.slice(next, next + MAX_OPENING_AT_ONCE).map(untilJoined));
    }
  }

  /** Sends at the plan's rate, to one room after another. */
  startSending(): void {
    let due = 0;
    let last = performance.now();
    this.#sendTimer = setInterval(() => {
      const now = performance.now();
      // After a pause of this process it continues at the rate, without a burst to make up for it.
      due = Math.min(MAX_BURST, due + ((now - last) / 1_000) * this.#plan.rate);
      last = now;
      for (; due >= 1; due -= 1) this.#sendOne();
    }, TICK_MS);
  }

  stopSending(): void {
    clearInterval(this.#sendTimer);
  }

  /** Drops the network of every connection once. Resolves when it is back for all. */
  async interruptNetwork(phase: Phase): Promise<void> {
    const { windowSeconds, offlineSeconds } = this.#plan;
    for (const connection of this.connections) connection.outage = undefined;
    const offlineMs = 1_000 * offlineSeconds;
    const windowMs = phase === "wave" ? 0 : 1_000 * windowSeconds;
    const timers = this.connections.map((connection) => {
      const drop = () => connection.drop(offlineMs, Math.random() * MAX_NOTICE_MS);
      if (phase === "jitter") return setTimeout(drop, Math.random() * windowMs);
      drop();
      return undefined;
    });
    try {
      await wait(windowMs + offlineMs + MAX_NOTICE_MS);
    } finally {
      for (const timer of timers) clearTimeout(timer);
    }
  }

  /** Waits until all connections have caught up, or the timeout ends. */
  async waitUntilCaughtUp(): Promise<void> {
    const deadline = performance.now() + 1_000 * this.#plan.timeoutSeconds;
    while (performance.now() < deadline) {
      if (this.connections.every((connection) => this.#isCaughtUp(connection))) return;
      await wait(100);
    }
  }

  close(): void {
    this.stopSending();
    for (const connection of [...this.connections, this.#sender]) connection.close();
  }

  #onReceived(connection: PooledConnection, n: number): void {
    connection.received(n);
    if (n > (this.#latest[connection.room] ?? 0)) this.#latest[connection.room] = n;
  }

  /** Whether a connection has caught up without missing a message. */
  isComplete(connection: PooledConnection): boolean {
    return connection.counts.missed === 0 && this.#isCaughtUp(connection);
  }

  #isCaughtUp({ isOpen, counts, room }: PooledConnection): boolean {
    return isOpen && counts.last === this.#sent[room];
  }

  #sendOne(): void {
    const room = this.#nextRoom % this.#plan.rooms;
    this.#nextRoom += 1;
    const n = (this.#sent[room] ?? 0) + 1;
    this.#sent[room] = n;
    this.#sender.send(this.#sender.client.messageFrame(room, textOf(n)));
  }
}

function untilJoined(connection: PooledConnection): Promise<void> {
  return new Promise((resolve) => {
    connection.onJoined = resolve;
    connection.connect();
  });
}
