import { setTimeout as wait } from "node:timers/promises";
import { type Client, CommandError, createClient, type RoomStore, type SocketFactory } from "@multichat/client";
import { WebSocket as WsSocket } from "ws";
import type { ChangeRecord, ClientRecord, ReceivedEntry, RoomRecord, SendRecord } from "../audit/client-record.ts";
import { toShownMessage } from "../audit/shown-message.ts";
import { chooseChange } from "./message-changes.ts";
import { Outages } from "./outages.ts";
import type { ClientBehavior, ClientSpec } from "./pool-commands.ts";
import type { Random } from "./random.ts";

/** How many of its own messages a client may still edit and delete. */
const MAX_REMEMBERED_MESSAGES = 50;
/** The time after which a room's gaps count as lost. A dead connection alone takes 35 s to detect. */
const GAP_TIMEOUT_MS = 600_000;
const GAP_RETRY_MS = 1_000;

const openWsSocket: SocketFactory = (url, protocols) => new WsSocket(url, protocols, { perMessageDeflate: false });

interface TrackedSend {
  readonly room: string;
  readonly clientId: string;
  readonly body: string;
  outcome: SendRecord["outcome"];
}

/** A client of the chat's SDK that acts like a user, and records what it sent and received. */
export class SimulatedClient {
  readonly name: string;
  readonly client: Client;
  readonly outages: Outages;
  readonly refusals: string[] = [];
  readonly #rooms: readonly RoomStore[];
  readonly #received = new Map<string, ReceivedEntry[]>();
  readonly #sends: TrackedSend[] = [];
  readonly #changes: ChangeRecord[] = [];
  readonly #pendingChanges = new Set<string>();
  readonly #random: Random;
  readonly #spec: ClientSpec;
  readonly #behavior: ClientBehavior;
  #actTimer: NodeJS.Timeout | undefined;
  #counter = 0;
  deliveries = 0;
  resets = 0;

  constructor(spec: ClientSpec, behavior: ClientBehavior, random: Random) {
    this.#spec = spec;
    this.#behavior = behavior;
    this.#random = random;
    this.name = `client ${spec.index}`;
    this.client = createClient({
      url: behavior.url,
      token: spec.token,
      subscribeTo: "opened",
      random: random.next,
      // Half of the clients use Node's own WebSocket, half that of `ws`: they close differently.
      ...(spec.index % 2 === 0 ? {} : { webSocket: openWsSocket }),
    });
    this.#rooms = spec.rooms.map((id) => this.client.room(id));
    for (const id of spec.rooms) this.#received.set(id, []);
    this.client.listen((event) => {
      if (!("seq" in event) || event.on === "room.read") return;
      const received = this.#received.get(event.room);
      if (received === undefined) return;
      if (event.on === "client.reset") {
        received.push({ kind: "reset", seq: event.seq });
        if (received.length > 1) this.resets += 1;
      } else {
        received.push({ kind: "event", seq: event.seq, on: event.on, message: messageOf(event) });
        this.deliveries += 1;
      }
    });
    this.outages = new Outages(this.client, this.#rooms);
    for (const room of this.#rooms) room.open();
  }

  get sent(): number {
    return this.#sends.length;
  }

  get acknowledged(): number {
    return this.#sends.filter(({ outcome }) => outcome.kind === "acknowledged").length;
  }

  get changed(): number {
    return this.#changes.length;
  }

  /** Starts to send and change messages at random times. */
  startActing(): void {
    const delayMs = 1_000 * this.#random.exponential(this.#behavior.actIntervalSeconds);
    this.#actTimer = setTimeout(() => {
      this.#act();
      this.startActing();
    }, delayMs);
  }

  stopActing(): void {
    clearTimeout(this.#actTimer);
  }

  /** Returns why it is behind these logs; undefined when it has caught up. */
  behindReason(lastSeqs: Readonly<Record<string, number>>): string | undefined {
    if (this.client.state.phase !== "open") return `${this.name} is ${JSON.stringify(this.client.state)}`;
    const unsent = this.client.outbox.get().filter(({ state }) => state !== "failed");
    if (unsent.length > 0) return `${this.name} has ${unsent.length} messages unsent: ${JSON.stringify(unsent[0])}`;
    if (this.#pendingChanges.size > 0) return `${this.name} waits for ${this.#pendingChanges.size} changes`;
    for (const room of this.#rooms) {
      const { status, lastSeq, error } = room.get();
      if (status !== "live" || lastSeq !== lastSeqs[room.id]) {
        return `${this.name} is ${status} at ${lastSeq} in ${room.id}, which is at ${lastSeqs[room.id]} (${error?.code ?? "no error"})`;
      }
    }
    return undefined;
  }

  /** Loads the gaps and disconnects. */
  async close(): Promise<void> {
    this.stopActing();
    for (const room of this.#rooms) await closeGaps(room);
    this.client.disconnect();
  }

  record(): ClientRecord {
    return {
      name: this.name,
      user: this.client.me.get()?.id ?? "unknown",
      sends: this.#sends,
      changes: this.#changes,
      rooms: this.#rooms.map((room): RoomRecord => {
        const { items } = room.get();
        return {
          room: room.id,
          received: this.#received.get(room.id) ?? [],
          view: items.flatMap((item) => (item.kind === "message" ? [toShownMessage(item.message)] : [])),
          gaps: items.filter(({ kind }) => kind === "gap").length,
        };
      }),
    };
  }

  #act(): void {
    if (this.#random.integerBelow(100) < this.#behavior.changePercent) this.#changeMessage();
    else this.#sendMessages();
  }

  #sendMessages(): void {
    const room = this.#random.pick(this.#rooms);
    this.#counter += 1;
    // Users often send several messages in a row.
    const count = this.#random.chance(0.15) ? 1 + this.#random.integerBelow(4) : 1;
    for (let part = 0; part < count; part += 1) {
      const body =
        `${this.name} says ${this.#counter}.${part} ${"so ".repeat(this.#random.integerBelow(60))}`.trimEnd();
      const { clientId, delivered } = room.send(body);
      const sent: TrackedSend = { room: room.id, clientId, body, outcome: { kind: "waiting" } };
      this.#sends.push(sent);
      delivered.then(
        ({ id, seq }) => {
          sent.outcome = { kind: "acknowledged", id, seq };
        },
        (error: unknown) => {
          sent.outcome = {
            kind: "failed",
            code: error instanceof Error && "code" in error ? `${error.code}` : `${error}`,
          };
        },
      );
    }
  }

  #changeMessage(): void {
    const room = this.#random.pick(this.#rooms);
    const own = this.#sends
      .slice(-MAX_REMEMBERED_MESSAGES)
      .flatMap(({ room: sentTo, outcome }) =>
        sentTo === room.id && outcome.kind === "acknowledged" ? [outcome.id] : [],
      );
    const chosen = chooseChange(
      room,
      own,
      this.#random,
      this.#spec.emoji,
      `${this.name} meant ${this.#changes.length}`,
    );
    if (chosen === undefined || this.#pendingChanges.has(chosen.message)) return;
    const { message, change, apply } = chosen;
    this.#pendingChanges.add(message);
    const settle = (outcome: ChangeRecord["outcome"]): void => {
      this.#pendingChanges.delete(message);
      this.#changes.push({ room: room.id, message, change, outcome });
    };
    apply().then(
      () => settle("acknowledged"),
      (error: unknown) => {
        const isRefusal = error instanceof CommandError;
        this.refusals.push(isRefusal ? error.code : error instanceof Error ? error.name : `${error}`);
        // An internal error does not say whether the change was made.
        settle(isRefusal && error.code !== "INTERNAL" ? "refused" : "unknown");
      },
    );
  }
}

/** Loads a room's gaps. A page that fails, for instance because the connection has just been lost, is requested again. */
async function closeGaps(room: RoomStore): Promise<void> {
  const deadline = performance.now() + GAP_TIMEOUT_MS;
  while (performance.now() < deadline) {
    const gap = room.get().items.find((item) => item.kind === "gap");
    if (gap === undefined) return;
    await room.loadGap(gap).catch(() => wait(GAP_RETRY_MS));
  }
}

function messageOf(event: object): string | null {
  if (!("message" in event)) return null;
  const { message } = event;
  if (typeof message === "string") return message;
  return typeof message === "object" && message !== null && "id" in message ? String(message.id) : null;
}
