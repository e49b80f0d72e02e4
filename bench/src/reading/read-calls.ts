import { Random } from "../clients/random.ts";
import { MEMBER_OF_ALL, MEMBER_OF_NONE } from "../data/plan.ts";
import { distributionOf } from "../report/quantile.ts";
import type { Connection } from "../stall/connection.ts";
import { timesFigure } from "./figure.ts";
import { type MeasuredServer, type Timed, timeEach } from "./measured-server.ts";
import type { Figure, ReadingPlan } from "./plan.ts";
import { describeThreads } from "./thread-micros.ts";

const PAGE_GOAL = { ms: 1, of: "p50" } as const;
const RESUMED_ROOMS = 50;
/** The n-th of the resumed rooms has missed n modulo this many messages. */
const MISSED = 7;
/** The list of many rooms takes longer, so it is asked for less often. */
const LIST_SHARE = 0.3;

interface ListedRoom {
  readonly id: string;
  readonly number: number;
  readonly lastSeq: number;
}

interface RoomList {
  readonly rooms: readonly ListedRoom[];
  readonly epoch: string;
}

/** The cast holds: it is the reply to `room.list`. */
async function listRooms(connection: Connection): Promise<RoomList> {
  return (await connection.do("room.list", {})) as RoomList;
}

/** Pages of the history: the latest of each room, and any page of the largest. */
export async function measureHistory(
  server: MeasuredServer,
  tokens: readonly string[],
  { calls }: ReadingPlan,
): Promise<readonly Figure[]> {
  const token = tokens[MEMBER_OF_ALL] ?? "";
  const connection = await server.connect(token);
  const { rooms } = await listRooms(connection);
  const random = new Random(1);
  const largest = rooms[0];
  if (largest === undefined) throw new Error("Expected a room.");
  const anyRoom = () => random.pick(rooms).number;
  const anySeq = () => 1 + random.integerBelow(largest.lastSeq);
  const latest = await server.measureRequests(calls, token, () => `/api/rooms/${anyRoom()}/messages`);
  const any = await server.measureRequests(calls, token, () => `/api/rooms/1/messages?before=${anySeq()}`);
  const command = await server.measureCommands(calls, connection, () =>
    connection.do("history.page", { room: 1, before: anySeq() }),
  );
  connection.close();
  return [
    timesFigure("history", "history page, latest, HTTP", latest, PAGE_GOAL),
    timesFigure("history", "history page, largest room, HTTP", any, PAGE_GOAL),
    timesFigure("history", "history page, largest room, WebSocket", command, PAGE_GOAL),
  ];
}

/** The list of the rooms of a user who has read none of their messages, so that all of them have unread counts. */
export async function measureLists(
  server: MeasuredServer,
  tokens: readonly string[],
  { calls }: ReadingPlan,
): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const [user, ms] of [
    [MEMBER_OF_NONE, 2],
    [MEMBER_OF_ALL, 8],
  ] as const) {
    const connection = await server.connect(tokens[user] ?? "");
    const { rooms } = await listRooms(connection);
    const count = Math.ceil(calls * LIST_SHARE);
    const command = await server.measureCommands(count, connection, () => listRooms(connection));
    const request = await server.measureRequests(count, tokens[user] ?? "", () => "/api/rooms");
    const name = `list of ${rooms.length.toLocaleString("en")} rooms`;
    // Reading the list takes the client time too: it is in the time of the command.
    figures.push(timesFigure("lists", `${name}, HTTP`, request, { ms, of: "p50" }));
    figures.push(timesFigure("lists", `${name}, WebSocket, to the parsed reply`, command));
    connection.close();
  }
  return figures;
}

/**
 * A connection that comes back to 50 rooms and has missed some messages in most of them: first one that has missed what nobody
 * else has, so that all of it is read, then many that have missed the same, as after a restart.
 */
export async function measureResume(
  server: MeasuredServer,
  tokens: readonly string[],
  { calls }: ReadingPlan,
): Promise<readonly Figure[]> {
  const token = tokens[MEMBER_OF_ALL] ?? "";
  const first = await server.connect(token);
  const { rooms, epoch } = await listRooms(first);
  const sets = Math.floor(rooms.length / RESUMED_ROOMS);
  /** Differs in every room from those before it, as long as there are rooms and numbers of missed messages. */
  const params = (index: number) => {
    const [set, round] = [index % sets, Math.floor(index / sets)];
    const resumed = rooms
      .slice(set * RESUMED_ROOMS, (set + 1) * RESUMED_ROOMS)
      .map(({ id, lastSeq }, room) => [id, Math.max(0, lastSeq - ((room + round) % MISSED))] as const);
    return { rooms: Object.fromEntries(resumed), epoch };
  };
  const count = Math.min(Math.ceil(calls * LIST_SHARE), sets * MISSED);
  const name = `resume of ${RESUMED_ROOMS} rooms`;
  const figures: Figure[] = [];
  for (const [what, paramsOf] of [
    [name, params],
    [`${name}, as others before`, () => params(0)],
  ] as const) {
    const timed = await timeResumes(server, { token, count, first }, paramsOf);
    figures.push(timesFigure("resume", what, timed, { ms: 5, of: "p50" }));
  }
  first.close();
  return figures;
}

/** Each resume has a connection of its own. The time of a ping is not counted. */
async function timeResumes(
  server: MeasuredServer,
  { token, count, first }: { readonly token: string; readonly count: number; readonly first: Connection },
  paramsOf: (index: number) => Readonly<Record<string, unknown>>,
): Promise<Timed> {
  const connections: Connection[] = [];
  for (let index = 0; index < count; index += 1) connections.push(await server.connect(token));
  const { p50: ping } = distributionOf(await timeEach(count, () => first.do("ping", {})));
  const warmUps = Math.ceil(count / 5);
  let before = await server.threadMicros();
  const times: number[] = [];
  for (const [index, connection] of connections.entries()) {
    if (index === warmUps) before = await server.threadMicros();
    const startedAt = performance.now();
    await connection.do("resume", paramsOf(index));
    if (index >= warmUps) times.push(Math.max(0, performance.now() - startedAt - ping));
  }
  const limit = describeThreads(before, await server.threadMicros(), times.length);
  for (const connection of connections) connection.close();
  return { ...distributionOf(times), limit };
}
