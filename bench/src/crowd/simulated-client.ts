import { setTimeout as wait } from "node:timers/promises";
import { type Client, CommandError, createClient, type RoomStore, type SocketFactory } from "@multichat/client";
import { WebSocket as WsSocket } from "ws";
import { changesOf } from "./client-changes.ts";
import type { Casting, Script } from "./orders.ts";
import { Outages } from "./outages.ts";
import type { Random } from "./random.ts";
import type { ChangeRecord, ClientRecord, Heard, RoomRecord, SendRecord } from "./record.ts";
import { shownMessage } from "./shown-message.ts";

/** Own messages that a client remembers, to edit and delete them later. */
const REMEMBERED = 50;
/** Milliseconds after which a room's gaps count as ones that cannot be closed: a dead line is found out after 35 s. */
const GAP_PATIENCE_MS = 120_000;
const ASK_AGAIN_MS = 1_000;

const wsSocket: SocketFactory = (url, protocols) => new WsSocket(url, protocols, { perMessageDeflate: false });

interface Sent {
  readonly room: string;
  readonly clientId: string;
  readonly body: string;
  outcome: SendRecord["outcome"];
}

/** One client of the chat's SDK that behaves like a person, and keeps what it did and what it was told. */
export class SimulatedClient {
  readonly name: string;
  readonly client: Client;
  readonly outages: Outages;
  readonly refusals: string[] = [];
  readonly #rooms: readonly RoomStore[];
  readonly #heard = new Map<string, Heard[]>();
  readonly #sends: Sent[] = [];
  readonly #changes: ChangeRecord[] = [];
  readonly #changing = new Set<string>();
  readonly #random: Random;
  readonly #casting: Casting;
  readonly #script: Script;
  #acting: NodeJS.Timeout | undefined;
  #counter = 0;
  deliveries = 0;
  resets = 0;

  constructor(casting: Casting, script: Script, random: Random) {
    this.#casting = casting;
    this.#script = script;
    this.#random = random;
    this.name = `client ${casting.index}`;
    this.client = createClient({
      url: script.url,
      token: casting.token,
      subscribeTo: "opened",
      random: random.next,
      // Half of them by Node's own WebSocket, half by that of `ws`: they end differently.
      ...(casting.index % 2 === 0 ? {} : { webSocket: wsSocket }),
    });
    this.#rooms = casting.rooms.map((id) => this.client.room(id));
    for (const id of casting.rooms) this.#heard.set(id, []);
    this.client.listen((event) => {
      if (!("seq" in event) || event.on === "room.read") return;
      const heard = this.#heard.get(event.room);
      if (heard === undefined) return;
      if (event.on === "client.reset") {
        heard.push({ kind: "reset", seq: event.seq });
        if (heard.length > 1) this.resets += 1;
      } else {
        heard.push({ kind: "event", seq: event.seq, on: event.on, message: messageOf(event) });
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

  /** Begins to say and do things, now and then. */
  act(): void {
    const wait = 1_000 * this.#random.exponential(this.#script.meanSeconds);
    this.#acting = setTimeout(() => {
      this.#doSomething();
      this.act();
    }, wait);
  }

  rest(): void {
    clearTimeout(this.#acting);
  }

  /** Why it is not level with these logs; undefined when it is. */
  behind(lastSeqs: Readonly<Record<string, number>>): string | undefined {
    if (this.client.state.phase !== "open") return `${this.name} is ${JSON.stringify(this.client.state)}`;
    const unsent = this.client.outbox.get().filter(({ state }) => state !== "failed");
    if (unsent.length > 0) return `${this.name} has ${unsent.length} messages unsent: ${JSON.stringify(unsent[0])}`;
    if (this.#changing.size > 0) return `${this.name} waits for ${this.#changing.size} changes`;
    for (const room of this.#rooms) {
      const { status, lastSeq, error } = room.get();
      if (status !== "live" || lastSeq !== lastSeqs[room.id]) {
        return `${this.name} is ${status} at ${lastSeq} in ${room.id}, which is at ${lastSeqs[room.id]} (${error?.code ?? "no error"})`;
      }
    }
    return undefined;
  }

  /** Closes the gaps and notes what it shows; disconnected afterwards. */
  async close(): Promise<void> {
    this.rest();
    for (const room of this.#rooms) await closeGaps(room);
    this.client.disconnect();
  }

  record(): ClientRecord {
    return {
      name: this.name,
      user: this.client.me.get()?.id ?? "nobody",
      sends: this.#sends,
      changes: this.#changes,
      rooms: this.#rooms.map((room): RoomRecord => {
        const { items } = room.get();
        return {
          room: room.id,
          heard: this.#heard.get(room.id) ?? [],
          view: items.flatMap((item) => (item.kind === "message" ? [shownMessage(item.message)] : [])),
          gaps: items.filter(({ kind }) => kind === "gap").length,
        };
      }),
    };
  }

  #doSomething(): void {
    if (this.#random.below(100) < this.#script.changes) this.#change();
    else this.#say();
  }

  #say(): void {
    const room = this.#random.pick(this.#rooms);
    this.#counter += 1;
    // People often have more than one thing to say.
    const times = this.#random.chance(0.15) ? 1 + this.#random.below(4) : 1;
    for (let part = 0; part < times; part += 1) {
      const body = `${this.name} says ${this.#counter}.${part} ${"so ".repeat(this.#random.below(60))}`.trimEnd();
      const { clientId, delivered } = room.send(body);
      const sent: Sent = { room: room.id, clientId, body, outcome: { kind: "waiting" } };
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

  #change(): void {
    const room = this.#random.pick(this.#rooms);
    const own = this.#sends
      .slice(-REMEMBERED)
      .flatMap(({ room: there, outcome }) =>
        there === room.id && outcome.kind === "acknowledged" ? [outcome.id] : [],
      );
    const chosen = changesOf(
      room,
      own,
      this.#random,
      this.#casting.emoji,
      `${this.name} meant ${this.#changes.length}`,
    );
    if (chosen === undefined || this.#changing.has(chosen.message)) return;
    const { message, change, ask } = chosen;
    this.#changing.add(message);
    const settle = (outcome: ChangeRecord["outcome"]): void => {
      this.#changing.delete(message);
      this.#changes.push({ room: room.id, message, change, outcome });
    };
    ask().then(
      () => settle("acknowledged"),
      (error: unknown) => {
        const refused = error instanceof CommandError;
        this.refusals.push(refused ? error.code : error instanceof Error ? error.name : `${error}`);
        // A fault of the server's says nothing about whether it was done.
        settle(refused && error.code !== "INTERNAL" ? "refused" : "unknown");
      },
    );
  }
}

/** Where a page does not come, because the connection has just been found to be dead for instance, it is asked for again. */
async function closeGaps(room: RoomStore): Promise<void> {
  const until = performance.now() + GAP_PATIENCE_MS;
  while (performance.now() < until) {
    const gap = room.get().items.find((item) => item.kind === "gap");
    if (gap === undefined) return;
    await room.loadGap(gap).catch(() => wait(ASK_AGAIN_MS));
  }
}

function messageOf(event: object): string | null {
  if (!("message" in event)) return null;
  const { message } = event;
  if (typeof message === "string") return message;
  return typeof message === "object" && message !== null && "id" in message ? String(message.id) : null;
}
