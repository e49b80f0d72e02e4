import type { HistoryPage, RoomAddress } from "@multichat/protocol";
import { JsonText } from "../access/json-text.ts";
import { getVisibleRoom } from "../access/visible-room.ts";
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
  return context.store.messages.readHistory(await toQuery(context, actor, page));
}

/** Reads the same page as JSON, for an answer. @throws Refusal ROOM_INVALID. */
export async function readHistoryJson(
  context: Pick<Context, "store" | "limits">,
  actor: Pick<Actor, "id" | "staff">,
  page: ReadHistory,
): Promise<JsonText> {
  return new JsonText(await context.store.messages.readHistoryJson(await toQuery(context, actor, page)));
}

async function toQuery(
  context: Pick<Context, "store" | "limits">,
  actor: Pick<Actor, "id" | "staff">,
  { room: address, before, after, around, limit = defaultPageSize(context.limits) }: ReadHistory,
) {
  const room = await getVisibleRoom(context, actor, address);
  return {
    room: room.id,
    limit,
    viewer: actor.id,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    ...(around === undefined ? {} : { around }),
  };
}
