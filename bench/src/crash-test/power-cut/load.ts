import { createHash, randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Random } from "../../clients/random.ts";
import { credentialsOf } from "../../multichat/users.ts";
import { type FactKind, type Facts, SENT_KEY } from "./facts.ts";
import { LoadConnection, type PositionedReply } from "./load-connection.ts";

// The users by their number, which `multichat loaddata` creates.

/** A superuser. */
const ADMINISTRATOR = 0;
const AUTHORS: readonly number[] = [1, 2, 3];
/** Signs in and out all the time. */
const TRAVELER = 4;
/** Is added to rooms and removed from them. */
const GUEST = 5;
/** Is deactivated and activated, and becomes staff and not. */
const SUSPECT = 6;
const USERS = 7;
const ROOMS = 2;

/** The file for `multichat loaddata`. Authors are staff, so that they may pin. */
export function dataFile(): object {
  const users = Array.from({ length: USERS }, (_, user) => ({
    ...credentialsOf(user),
    staff: isStaffAtFirst(user),
    superuser: user === ADMINISTRATOR,
  }));
  return { users, rooms: Array.from({ length: ROOMS }, (_, index) => ({ title: `Room ${index + 1}` })) };
}

function isStaffAtFirst(user: number): boolean {
  return user === ADMINISTRATOR || AUTHORS.includes(user);
}

/** Changes that an author has under way at the same time, each of another message. */
const LANES_PER_AUTHOR = 4;
const EMOJIS = ["👍", "🎉", "🚀"] as const;
const MAX_SESSIONS = 4;
/** The server is busy, or asks for patience. */
const RETRIED_STATUSES: readonly number[] = [429, 503];

interface SentMessage {
  readonly id: string;
  readonly seq: number;
}

export interface LoadOptions {
  readonly facts: Facts;
  readonly random: Random;
  /** The position of the record now. */
  readonly position: () => number;
}

/** The key of a message by what its author's client calls it: its id and its place in the log. */
const placeKey = (clientId: string): string => `place ${clientId}`;

/**
 * Clients that change everything which has to survive: messages, edits, deletions, reactions and pins over WebSocket; sign-ins,
 * session endings, memberships, bans, rooms, and the rights of accounts over WebSocket and HTTP. Each change is a fact, with
 * the position of the record before it was sent and after its reply had arrived.
 */
export class Load {
  readonly #facts: Facts;
  readonly #random: Random;
  readonly #position: () => number;
  /** The tokens of all sessions, by the keys of their facts. */
  readonly tokens = new Map<string, string>();
  readonly #tokens = new Map<number, string>();
  readonly #ids = new Map<number, string>();
  readonly #connections: LoadConnection[] = [];
  /** Of the traveler and the suspect. */
  readonly #sessions = new Map<number, string[]>();
  #url = "";
  #rooms: readonly string[] = [];
  #life = 0;
  #lanes = 0;
  #failure: Error | undefined;

  constructor({ facts, random, position }: LoadOptions) {
    this.#facts = facts;
    this.#random = random;
    this.#position = position;
  }

  /** Starts to work on a server, also on one that was started again. */
  async start(url: string): Promise<void> {
    this.#url = url;
    this.#life += 1;
    if (this.#rooms.length === 0) await this.#signInAll();
    for (const author of AUTHORS) {
      const connection = await this.#connect(author);
      for (const room of this.#rooms) await connection.send("room.join", { room });
      for (let lane = 0; lane < LANES_PER_AUTHOR; lane += 1) {
        this.#runLane((random) => this.#changeMessages(connection, random, this.#idOf(author)));
      }
    }
    const listener = await this.#connect(ADMINISTRATOR);
    for (const room of this.#rooms) await listener.send("room.join", { room });
    this.#runLane((random) => this.#changeSessions(random));
    this.#runLane((random) => this.#changeMembers(listener, random));
    this.#runLane((random) => this.#changeRooms(listener, random));
    this.#runLane((random) => this.#changeAccount(random));
  }

  /** @throws where the server has answered what no client expects */
  stop(): void {
    this.#life += 1;
    for (const connection of this.#connections.splice(0)) connection.close();
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #signInAll(): Promise<void> {
    for (const user of [ADMINISTRATOR, ...AUTHORS, TRAVELER, GUEST]) {
      const token = await this.#signIn(user);
      if (token !== undefined) this.#tokens.set(user, token);
    }
    const { people } = await this.#get<{ people: { id: string; username: string }[] }>("/api/people");
    for (let user = 0; user < USERS; user += 1) {
      const found = people.find(({ username }) => username === credentialsOf(user).username);
      const id = found?.id ?? "";
      this.#ids.set(user, id);
      // \`loaddata\` has ended.
      this.#facts.add("accounts and their rights", `active ${id}`, "yes", this.#position());
      const staff = isStaffAtFirst(user) ? "yes" : "no";
      this.#facts.add("accounts and their rights", `staff ${id}`, staff, this.#position());
    }
    const { rooms } = await this.#get<{ rooms: { room: { id: string } | undefined; id: string }[] }>("/api/rooms");
    this.#rooms = rooms.map(({ room, id }) => room?.id ?? id);
  }

  #connect(user: number): Promise<LoadConnection> {
    const connection = LoadConnection.open({
      url: this.#url,
      token: this.#tokens.get(user) ?? "",
      position: this.#position,
      onEvent: (event, position) => this.#recordDelivery(event, position),
    });
    return connection.then((opened) => {
      this.#connections.push(opened);
      return opened;
    });
  }

  /** What a client has seen of another one is as good as acknowledged. */
  #recordDelivery(event: object, position: number): void {
    if (!("on" in event) || event.on !== "message.posted" || !("message" in event)) return;
    // The server's own event.
    const { id, seq, clientId } = event.message as SentMessage & { clientId: string };
    this.#facts.add("messages delivered to others", placeKey(clientId), `${id} ${seq}`, position);
  }

  /** Runs a step again and again, until the server ends or the load does. */
  #runLane(step: (random: Random) => Promise<void>): void {
    const life = this.#life;
    this.#lanes += 1;
    const random = this.#random.fork(this.#lanes);
    const run = async (): Promise<void> => {
      while (this.#life === life) await step(random);
    };
    run().catch((error: unknown) => {
      // Connections end with the server.
      if (this.#life === life && error instanceof UnexpectedAnswer) this.#failure = error;
    });
  }

  /** Requests a change over WebSocket. @returns the answer; undefined where it was refused */
  async #change<Ok>(
    connection: LoadConnection,
    facts: readonly { readonly kind: FactKind; readonly key: string; readonly value: string }[],
    name: string,
    params: object,
  ): Promise<(Ok & { readonly position: number }) | undefined> {
    const sentAt = this.#position();
    const requested = facts.map(({ kind, key, value }) => this.#facts.request(kind, key, value, sentAt));
    const reply: PositionedReply = await connection.send(name, params);
    if (reply.kind === "ok") {
      for (const fact of requested) fact.acknowledgedAt = reply.position;
      // The shapes are those of the protocol.
      return { ...(reply.ok as Ok), position: reply.position };
    }
    if (reply.code === "INTERNAL" || reply.code === "COMMAND_INVALID") {
      throw new UnexpectedAnswer(`${name} ${JSON.stringify(params)} was answered with ${reply.code}`);
    }
    for (const fact of requested) this.#facts.refuse(fact);
    if (reply.retryAfterMs > 0) await wait(reply.retryAfterMs);
    return undefined;
  }

  async #changeMessages(connection: LoadConnection, random: Random, user: string): Promise<void> {
    const room = random.pick(this.#rooms);
    const clientId = randomUUID();
    const body = `${clientId} ${"of many words ".repeat(random.chance(0.1) ? 600 : random.integerBelow(8))}`.trim();
    const posted = await this.#change<{ message: SentMessage }>(
      connection,
      [{ kind: "messages", key: `${SENT_KEY}${clientId}`, value: "there" }],
      "message.send",
      { room, clientId, body },
    );
    if (posted === undefined) return;
    const { id, seq } = posted.message;
    this.#facts.add("messages", placeKey(clientId), `${id} ${seq}`, posted.position);
    this.#facts.add("messages", `body ${id}`, body, posted.position);
    const roll = random.next();
    if (roll < 0.3) {
      await this.#edit(connection, room, id, `${clientId} edited`);
      if (random.chance(0.3)) await this.#edit(connection, room, id, `${clientId} edited again`);
    }
    if (roll < 0.1) {
      const fact = { kind: "deletions", key: `body ${id}`, value: "" } as const;
      await this.#change(connection, [fact], "message.delete", { room, message: id });
    } else if (roll < 0.6) {
      await this.#react(connection, random, { room, message: id, user });
    } else if (roll < 0.7) {
      const key = `pin ${id}`;
      const message = { room, message: id };
      await this.#change(connection, [{ kind: "pins", key, value: "yes" }], "message.pin", message);
      if (random.chance(0.9))
        await this.#change(connection, [{ kind: "pins", key, value: "no" }], "message.unpin", message);
    }
  }

  async #edit(connection: LoadConnection, room: string, message: string, body: string): Promise<void> {
    const fact = { kind: "edits", key: `body ${message}`, value: body } as const;
    await this.#change(connection, [fact], "message.edit", { room, message, body });
  }

  async #react(
    connection: LoadConnection,
    random: Random,
    { room, message, user }: { readonly room: string; readonly message: string; readonly user: string },
  ): Promise<void> {
    const emoji = random.pick(EMOJIS);
    const key = `reaction ${message} ${emoji} ${user}`;
    const params = { room, message, emoji };
    await this.#change(connection, [{ kind: "reactions", key, value: "yes" }], "reaction.add", params);
    if (!random.chance(0.3)) return;
    await this.#change(connection, [{ kind: "reactions", key, value: "no" }], "reaction.remove", params);
  }

  async #changeSessions(random: Random): Promise<void> {
    await this.#signIn(TRAVELER);
    const sessions = this.#sessionsOf(TRAVELER);
    const [oldest] = sessions;
    if (oldest === undefined || sessions.length < 2) return;
    const roll = random.next();
    if (sessions.length >= MAX_SESSIONS || roll < 0.2) {
      if (roll < 0.5) await this.#endSessions(TRAVELER, [], "POST", `/api/people/${this.#idOf(TRAVELER)}/sign-out`);
      else await this.#endSessions(TRAVELER, sessions.slice(-1), "DELETE", "/api/sessions", sessions.at(-1));
    } else if (roll < 0.8) {
      await this.#endSessions(TRAVELER, sessions.slice(1), "POST", "/api/auth/sign-out", oldest);
    }
  }

  async #changeAccount(random: Random): Promise<void> {
    const path = `/api/people/${this.#idOf(SUSPECT)}`;
    await this.#signIn(SUSPECT);
    const isStaff = random.chance(0.5);
    const staff = { kind: "accounts and their rights", key: `staff ${this.#idOf(SUSPECT)}` } as const;
    await this.#request([{ ...staff, value: isStaff ? "yes" : "no" }], "PATCH", path, { staff: isStaff });
    if (!random.chance(0.5)) return;
    const active = { kind: "accounts and their rights", key: `active ${this.#idOf(SUSPECT)}` } as const;
    await this.#endSessions(SUSPECT, [], "PATCH", path, undefined, {
      facts: [{ ...active, value: "no" }],
      body: { active: false },
    });
    await this.#request([{ ...active, value: "yes" }], "PATCH", path, { active: true });
  }

  async #changeMembers(connection: LoadConnection, random: Random): Promise<void> {
    const clientId = randomUUID();
    const room = await this.#change<{ room: { id: string } }>(
      connection,
      [{ kind: "rooms and their settings", key: `room ${clientId}`, value: "yes" }],
      "room.create",
      { clientId, title: `Private ${clientId.slice(0, 8)}`, private: true },
    );
    if (room === undefined) return;
    const { id } = room.room;
    const user = this.#idOf(GUEST);
    const member = { kind: "memberships, roles and bans", key: `member ${id} ${user}` } as const;
    const params = { room: id, user };
    const change = (value: string, name: string, more: object): Promise<unknown> =>
      this.#change(connection, [{ ...member, value }], name, { ...params, ...more });
    await change("member", "member.add", {});
    for (let step = random.integerBelow(6); step > 0; step -= 1) {
      await change("moderator", "member.change", { role: "moderator" });
      await change("member", "member.change", { role: "member" });
      await change("banned", "member.remove", { ban: true });
      await change("none", "member.remove", { ban: false });
      await change("member", "member.add", {});
    }
    if (random.chance(0.7)) await change("none", "member.remove", {});
  }

  async #changeRooms(connection: LoadConnection, random: Random): Promise<void> {
    const clientId = randomUUID();
    const kind = "rooms and their settings";
    const created = await this.#change<{ room: { id: string } }>(
      connection,
      [{ kind, key: `room ${clientId}`, value: "yes" }],
      "room.create",
      { clientId, title: `Room ${clientId.slice(0, 8)}` },
    );
    if (created === undefined) return;
    const { id } = created.room;
    const path = `/api/rooms/${id}`;
    for (let step = random.integerBelow(4); step > 0; step -= 1) {
      const title = `Renamed ${randomUUID().slice(0, 8)}`;
      await this.#request([{ kind, key: `title ${id}`, value: title }], "PATCH", path, { title });
      const staffOnly = { kind, key: `staff-only ${id}` } as const;
      await this.#request([{ ...staffOnly, value: "yes" }], "PATCH", path, { staffOnly: true });
      if (random.chance(0.5)) await this.#request([{ ...staffOnly, value: "no" }], "PATCH", path, { staffOnly: false });
    }
  }

  async #signIn(user: number): Promise<string | undefined> {
    const { status, body, position } = await this.#fetch("POST", "/api/auth/sign-in/username", {
      body: credentialsOf(user),
    });
    if (status !== 200) return undefined;
    // The server's own answer.
    const { token } = body as { token: string };
    this.tokens.set(sessionKey(token), token);
    this.#facts.add("sign-ins", sessionKey(token), "valid", position);
    this.#sessionsOf(user).push(token);
    return token;
  }

  /** Requests that the sessions of a user end, all but some. */
  async #endSessions(
    user: number,
    remaining: readonly string[],
    method: string,
    path: string,
    token?: string,
    { facts = [], body }: { readonly facts?: readonly Wanted[]; readonly body?: object } = {},
  ): Promise<void> {
    const ending = this.#sessionsOf(user).filter((session) => !remaining.includes(session));
    this.#sessions.set(user, [...remaining]);
    const ends = ending.map((session) => ({
      kind: "session endings" as const,
      key: sessionKey(session),
      value: "ended",
    }));
    await this.#request([...ends, ...facts], method, path, body, token);
  }

  /** Requests a change over HTTP. */
  async #request(facts: readonly Wanted[], method: string, path: string, body?: object, token?: string): Promise<void> {
    const sentAt = this.#position();
    const requested = facts.map(({ kind, key, value }) => this.#facts.request(kind, key, value, sentAt));
    const by = token ?? this.#tokens.get(ADMINISTRATOR) ?? "";
    for (;;) {
      const answer = await this.#fetch(method, path, { ...(body === undefined ? {} : { body }), token: by });
      if (RETRIED_STATUSES.includes(answer.status)) continue;
      if (answer.status >= 300) {
        const text = JSON.stringify(answer.body);
        throw new UnexpectedAnswer(`${method} ${path} was answered with ${answer.status}: ${text}`);
      }
      for (const fact of requested) fact.acknowledgedAt = answer.position;
      return;
    }
  }

  async #get<Body>(path: string): Promise<Body> {
    const { body } = await this.#fetch("GET", path, { token: this.#tokens.get(ADMINISTRATOR) ?? "" });
    // The shapes are those of the server's API.
    return body as Body;
  }

  async #fetch(
    method: string,
    path: string,
    { body, token }: { readonly body?: object; readonly token?: string },
  ): Promise<{ readonly status: number; readonly body: unknown; readonly position: number }> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const position = this.#position();
    if (RETRIED_STATUSES.includes(response.status)) {
      await wait(1_000 * Number(response.headers.get("retry-after") ?? 1));
    }
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text), position };
  }

  #idOf(user: number): string {
    return this.#ids.get(user) ?? "";
  }

  #sessionsOf(user: number): string[] {
    const sessions = this.#sessions.get(user) ?? [];
    this.#sessions.set(user, sessions);
    return sessions;
  }
}

interface Wanted {
  readonly kind: FactKind;
  readonly key: string;
  readonly value: string;
}

/** The server has answered what a load like this never gets from a sound one. */
class UnexpectedAnswer extends Error {
  override readonly name = "UnexpectedAnswer";
}

/** The hash of the token as it is stored, so that a kept run holds nothing to sign in with. */
function sessionKey(token: string): string {
  return `session ${createHash("sha256").update(token).digest("base64url")}`;
}
