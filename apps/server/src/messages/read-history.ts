import type { HistoryPage, RoomAddress } from "@multichat/protocol";
import { JsonText } from "../access/json-text.ts";
import { readVisibleRoom } from "../access/visible-room.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";

export interface ReadHistory {
  readonly room: RoomAddress;
  /** At most one of these three. @default the latest messages */
  readonly before?: number | undefined;
  readonly after?: number | undefined;
  readonly around?: number | undefined;
  /** @default 50, or the server's limit where that is lower */
  readonly limit?: number | undefined;
}

const DEFAULT_PAGE_SIZE = 50;

/** Returns the number of messages in a page where the client sends no limit. */
export function defaultPageSize(limits: Context["limits"]): number {
  return Math.min(DEFAULT_PAGE_SIZE, limits.historyPage);
}

/** Reads one page of a room's messages. @throws Refusal ROOM_INVALID. */
export async function readHistory(
  context: Pick<Context, "store" | "limits">,
  actor: Pick<Actor, "id" | "staff">,
  page: ReadHistory,
): Promise<HistoryPage> {
  return await readVisibleRoom(context, actor, page.room, ({ id }) =>
    context.store.messages.readHistory(toQuery(context, actor, id, page)),
  );
}

/** Reads the same page as JSON, for an answer. @throws Refusal ROOM_INVALID. */
export async function readHistoryJson(
  context: Pick<Context, "store" | "limits">,
  actor: Pick<Actor, "id" | "staff">,
  page: ReadHistory,
): Promise<JsonText> {
  const text = await readVisibleRoom(context, actor, page.room, ({ id }) =>
    context.store.messages.readHistoryJson(toQuery(context, actor, id, page)),
  );
  return new JsonText(text);
}

function toQuery(
  context: Pick<Context, "limits">,
  actor: Pick<Actor, "id">,
  room: string,
  { before, after, around, limit = defaultPageSize(context.limits) }: Omit<ReadHistory, "room">,
) {
  return {
    room,
    limit,
    viewer: actor.id,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    ...(around === undefined ? {} : { around }),
  };
}
