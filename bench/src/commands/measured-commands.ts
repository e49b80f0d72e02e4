import { randomUUID } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import type { CommandName } from "@multichat/protocol";
import { credentialsOf } from "../multichat/users.ts";
import type { Connection } from "../stall/connection.ts";

/** A command and its parameters for the n-th repeat. */
export interface MeasuredCommand {
  /** The command, with what is special about it. */
  readonly name: string;
  readonly command: CommandName;
  /** @default as many as for all */
  readonly repeats?: number;
  readonly params: (index: number) => object;
}

export const USERS = 120;
export const ROOMS = 70;
/** More than a search examines at once. */
const MESSAGES = 6_000;
const WINDOW = 32;
const ACCOUNTS = 20_000;

interface Posted {
  readonly message: { readonly id: string };
}

/** Adds accounts that nobody signs in to, more than a command line could hash passwords for. The server must not run. */
export function addAccounts(file: string): void {
  const raw = new DatabaseSync(file);
  raw.exec(`
    with recursive count(i) as (values (1) union all select i + 1 from count where i < ${ACCOUNTS})
    insert into user (id, name, email, createdAt, updatedAt, username, displayUsername)
    select 'account-' || i, 'account' || i, 'account' || i || '@example.org', '2026', '2026', 'account' || i, 'account' || i
    from count`);
  raw.close();
}

/** Fills a private room with messages and members. @returns commands that cost as much as their kind can */
export async function prepareCommands(owner: Connection, outsider: Connection): Promise<readonly MeasuredCommand[]> {
  const { rooms, epoch } = (await owner.do("room.list", {})) as {
    rooms: readonly { id: string; lastSeq: number }[];
    epoch: string;
  };
  const created = await owner.do("room.create", { clientId: randomUUID(), title: "The large room", private: true });
  const { id: room } = (created as { room: { id: string } }).room;
  await owner.do("room.join", { room });
  await owner.do("room.join", { room: 1 });
  await outsider.do("room.join", { room: 1 });
  const members = Array.from({ length: USERS - 2 }, (_, index) => credentialsOf(index + 2).username);
  for (const user of members) await owner.do("member.add", { room, user });
  const posted: string[] = [];
  for (let from = 0; from < MESSAGES; from += WINDOW) {
    const results = await Promise.all(
      Array.from({ length: WINDOW }, (_, offset) =>
        owner.do("message.send", { room, clientId: randomUUID(), body: `a common message, number ${from + offset}` }),
      ),
    );
    posted.push(...results.map((result) => (result as Posted).message.id));
  }
  const message = (index: number) => posted[index % posted.length] ?? "";
  for (let index = 0; index < 50; index += 1) await owner.do("message.pin", { room, message: message(index) });
  const { people } = (await owner.do("people.find", { query: "user" })) as { people: readonly { id: string }[] };
  const send = (body: string) => () => ({ room: 1, clientId: randomUUID(), body });
  const all = Object.fromEntries(rooms.map(({ id, lastSeq }) => [id, lastSeq]));
  const isEven = (index: number) => index % 2 === 0;
  return [
    { name: "ping", command: "ping", params: () => ({}) },
    { name: "message.send", command: "message.send", params: send("a short message of some words") },
    {
      name: "message.send, 10,000 characters",
      command: "message.send",
      params: send("words and ".repeat(1_000)),
      repeats: 100,
    },
    {
      name: "message.edit",
      command: "message.edit",
      params: (n) => ({ room, message: message(n), body: `edited ${n}` }),
    },
    { name: "message.history", command: "message.history", params: (n) => ({ room, message: message(n) }) },
    { name: "reaction.add", command: "reaction.add", params: (n) => ({ room, message: message(n + 60), emoji: "👍" }) },
    { name: "message.unpin", command: "message.unpin", params: (n) => ({ room, message: message(n) }), repeats: 20 },
    { name: "message.pin", command: "message.pin", params: (n) => ({ room, message: message(n) }), repeats: 20 },
    { name: "pin.list", command: "pin.list", params: () => ({ room }) },
    { name: "history.page, 100 messages", command: "history.page", params: () => ({ room, limit: 100 }) },
    { name: "room.join", command: "room.join", params: () => ({ room }) },
    { name: "room.read", command: "room.read", params: (n) => ({ room, seq: n + 1 }) },
    { name: "preference.list", command: "preference.list", params: () => ({}) },
    {
      name: "preference.set",
      command: "preference.set",
      params: (n) => ({ room, notify: n % 2 === 0 ? "mentions" : "default", starred: n % 2 === 0 }),
    },
    { name: "room.list", command: "room.list", params: () => ({}) },
    { name: "room.leave", command: "room.leave", params: () => ({ room: 3 }) },
    {
      name: "room.create",
      command: "room.create",
      params: (n) => ({ clientId: randomUUID(), title: `Room of ${n}` }),
      repeats: 20,
    },
    { name: "direct.open", command: "direct.open", params: (n) => ({ user: members[n % members.length] }) },
    { name: `resume, ${rooms.length} rooms`, command: "resume", params: () => ({ rooms: all, epoch }), repeats: 50 },
    { name: "member.list", command: "member.list", params: () => ({ room }) },
    { name: "member.bans", command: "member.bans", params: () => ({ room }) },
    {
      name: "member.change",
      command: "member.change",
      params: (n) => ({
        room,
        user: members[n % members.length],
        role: isEven(Math.floor(n / members.length)) ? "moderator" : "member",
      }),
    },
    { name: "member.remove", command: "member.remove", params: (n) => ({ room, user: members[n] }), repeats: 50 },
    { name: "member.add", command: "member.add", params: (n) => ({ room, user: members[n] }), repeats: 50 },
    { name: "people.find", command: "people.find", params: () => ({ query: "account" }) },
    { name: "people.find, of a room", command: "people.find", params: () => ({ query: "account", room }) },
    {
      name: "presence.set",
      command: "presence.set",
      params: (n) => ({ status: isEven(n) ? "busy" : "away", text: `${n}` }),
    },
    { name: "presence.list", command: "presence.list", params: () => ({ users: people.map(({ id }) => id) }) },
    { name: "typing.start", command: "typing.start", params: () => ({ room }) },
    { name: "typing.stop", command: "typing.stop", params: () => ({ room }) },
    { name: "message.delete", command: "message.delete", params: (n) => ({ room, message: message(n + 3_000) }) },
  ];
}

/** A search of a user who can read none of the messages that hold its word: it examines as many as it may. */
export const COSTLIEST_SEARCH: MeasuredCommand = {
  name: "message.search",
  command: "message.search",
  params: () => ({ query: "common" }),
  repeats: 50,
};
