import { setTimeout as wait } from "node:timers/promises";
import type { Server } from "../multichat/server.ts";
import { distributionOf } from "../report/quantile.ts";
import { Connection } from "../stall/connection.ts";
import { JoiningConnection } from "./joining-connection.ts";
import type { JoinCost, MassJoin, RestartCatchUp } from "./plan.ts";

/** Connections that open, or join their rooms, at the same time. */
const AT_ONCE = 32;
const ROOMS_OF_A_CONNECTION = 5;
/** How long the number of users in a large room waits to be published, for each connection in it; see docs/protocol.md. */
const PUBLISHED_AFTER_MS_PER_CONNECTION = 5;

/** Measures what a connection costs that joins five rooms, with this many other connections in each of them. */
export async function measureJoin(
  server: Server,
  tokens: readonly string[],
  size: number,
  joins: number,
): Promise<JoinCost> {
  const rooms = Array.from({ length: ROOMS_OF_A_CONNECTION }, (_, index) => index + 1);
  // The joining users are in none of the rooms yet.
  const [joiningTokens, memberTokens] = [tokens.slice(0, tokens.length / 2), tokens.slice(tokens.length / 2)];
  const members = await open(server, memberTokens, size);
  await each(members, (member) => member.join(rooms));
  const joining = await open(server, joiningTokens, joins);
  const settleMs = 1_500 + PUBLISHED_AFTER_MS_PER_CONNECTION * (size + joins);
  await wait(settleMs);
  const startedAt = performance.now();
  const before = await server.usage();
  await each(joining, (connection) => connection.join(rooms));
  const joinedAfterMs = performance.now() - startedAt;
  await wait(settleMs);
  const after = await server.usage();
  const elapsedMs = performance.now() - startedAt;
  await wait(elapsedMs);
  const idleMicros = (await server.usage()).cpuMicros - after.cpuMicros;
  const events = members.reduce((sum, member) => sum + member.events, 0);
  for (const connection of [...members, ...joining]) connection.close();
  await wait(settleMs);
  return {
    size,
    microsPerConnection: (after.cpuMicros - before.cpuMicros - idleMicros) / joins,
    milliseconds: joinedAfterMs / joins,
    eventsPerMember: events / members.length,
  };
}

/** Measures what it takes until many signed-in clients are connected and in five rooms each. */
export async function measureMassJoin(
  server: Server,
  tokens: readonly string[],
  { clients, rooms }: { readonly clients: number; readonly rooms: number },
): Promise<MassJoin> {
  const before = await server.usage();
  const startedAt = performance.now();
  const connections = await open(server, tokens, clients);
  const connected = await server.usage();
  const connectedAfterMs = performance.now() - startedAt;
  let next = 0;
  await each(connections, (connection) => {
    const first = next;
    next += 1;
    return connection.join(Array.from({ length: ROOMS_OF_A_CONNECTION }, (_, index) => ((first + index) % rooms) + 1));
  });
  const joinedAfterMs = performance.now() - startedAt;
  await wait(1_000);
  const joined = await server.usage();
  for (const connection of connections) connection.close();
  return {
    clients,
    rooms,
    connectCpuSeconds: (connected.cpuMicros - before.cpuMicros) / 1e6,
    joinCpuSeconds: (joined.cpuMicros - connected.cpuMicros) / 1e6,
    connectSeconds: connectedAfterMs / 1_000,
    seconds: joinedAfterMs / 1_000,
    rssBytesPerConnection: (joined.rssBytes - before.rssBytes) / clients,
  };
}

/**
 * Measures what it takes until every client is caught up with a server that has just started: all want to connect at once, as
 * after a crash, and each has missed messages in its five rooms. The SDK spreads its attempts, which costs the server no more.
 */
export async function measureRestart(
  server: Server,
  tokens: readonly string[],
  { clients, rooms, missedPerRoom }: Pick<RestartCatchUp, "clients" | "rooms" | "missedPerRoom">,
): Promise<RestartCatchUp> {
  const before = await server.usage();
  const startedAt = performance.now();
  const { epoch, listed } = await readRoomList(server, tokens[0] ?? "");
  const waitsMs: number[] = [];
  const connections: JoiningConnection[] = [];
  await each(
    Array.from({ length: clients }, (_, index) => index),
    async (index) => {
      const from = performance.now();
      const connection = await JoiningConnection.open(server.url, tokens[index % tokens.length] ?? "", index);
      connections.push(connection);
      const own = Array.from({ length: ROOMS_OF_A_CONNECTION }, (_, n) => listed[(index + n) % rooms]);
      const seqs = own.flatMap((room) =>
        room === undefined ? [] : [[room.id, Math.max(room.lastSeq - missedPerRoom, 0)] as const],
      );
      await connection.resume(epoch, Object.fromEntries(seqs));
      waitsMs.push(performance.now() - from);
    },
  );
  const caughtUpAfterMs = performance.now() - startedAt;
  const after = await server.usage();
  for (const connection of connections) connection.close();
  return {
    clients,
    rooms,
    missedPerRoom,
    seconds: caughtUpAfterMs / 1_000,
    cpuSeconds: (after.cpuMicros - before.cpuMicros) / 1e6,
    wait: distributionOf(waitsMs),
  };
}

async function readRoomList(server: Server, token: string) {
  const connection = await Connection.open(server.url, token);
  // The server is ours, and this answer is part of its documented protocol.
  const { epoch, rooms } = (await connection.do("room.list", {})) as {
    epoch: string;
    rooms: readonly { id: string; lastSeq: number }[];
  };
  connection.close();
  return { epoch, listed: rooms };
}

async function open(server: Server, tokens: readonly string[], count: number): Promise<JoiningConnection[]> {
  const connections: JoiningConnection[] = [];
  await each(
    Array.from({ length: count }, (_, index) => index),
    async (index) => {
      connections.push(await JoiningConnection.open(server.url, tokens[index % tokens.length] ?? "", index));
    },
  );
  return connections;
}

/** Runs an action for each item, a few at a time. */
async function each<T>(items: readonly T[], action: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await action(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
