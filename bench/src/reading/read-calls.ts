import { Random } from "../clients/random.ts";
import { MEMBER_OF_ALL, MEMBER_OF_NONE } from "../data/plan.ts";
import { distributionOf } from "../report/quantile.ts";
import type { Connection } from "../stall/connection.ts";
import { timesFigure } from "./figure.ts";
import { type MeasuredServer, timeEach } from "./measured-server.ts";
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

/** A connection that comes back to 50 rooms and has missed some messages in most of them. */
export async function measureResume(
  server: MeasuredServer,
  tokens: readonly string[],
  { calls }: ReadingPlan,
): Promise<readonly Figure[]> {
  const token = tokens[MEMBER_OF_ALL] ?? "";
  const first = await server.connect(token);
  const { rooms, epoch } = await listRooms(first);
  const resumed = rooms
    .slice(0, RESUMED_ROOMS)
    .map(({ id, lastSeq }, index) => [id, Math.max(0, lastSeq - (index % MISSED))] as const);
  const params = { rooms: Object.fromEntries(resumed), epoch };
  const count = Math.ceil(calls * LIST_SHARE);
  const connections: Connection[] = [];
  for (let index = 0; index < count; index += 1) connections.push(await server.connect(token));
  const { p50: ping } = distributionOf(await timeEach(count, () => first.do("ping", {})));
  for (const connection of connections.splice(0, Math.ceil(count / 5))) {
    await connection.do("resume", params);
    connection.close();
  }
  const before = await server.threadMicros();
  const times: number[] = [];
  for (const connection of connections) {
    const startedAt = performance.now();
    await connection.do("resume", params);
    times.push(performance.now() - startedAt - ping);
  }
  const limit = describeThreads(before, await server.threadMicros(), times.length);
  for (const connection of [first, ...connections]) connection.close();
  return [
    timesFigure(
      "resume",
      `resume of ${resumed.length} rooms`,
      { ...distributionOf(times), limit },
      { ms: 5, of: "p50" },
    ),
  ];
}
