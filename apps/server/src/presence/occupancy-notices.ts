import type { Author } from "@multichat/protocol";
import type { Context } from "../context.ts";
import type { RoomRef } from "../fan-out/broadcasts.ts";
import { NoticeLimiter } from "./notice-limiter.ts";

type OccupancyContext = Pick<Context, "broadcasts" | "notifyOnEnterOrLeave">;

/** Of one user in one room: six entries and exits at once, then one a second. */
const RATE = { burst: 12, perSecond: 2 } as const;

export interface OccupancyNotice {
  /** Whether the connection enters or leaves the room for the first time. */
  readonly isFirst: boolean;
}

/**
 * Publishes who enters and leaves a room. A connection's first entry and exit are always published; the number of
 * connections has a bound of its own. What it repeats is bounded for each user and room.
 */
export class OccupancyNotices {
  readonly #context: OccupancyContext;
  readonly #limiter = new NoticeLimiter(RATE);

  constructor(context: OccupancyContext) {
    this.#context = context;
  }

  /** Publishes that a connection of the user has entered a room. @param channel The connection, which does not receive it. */
  async publishEntry(
    user: Author,
    room: RoomRef,
    { isFirst, channel }: OccupancyNotice & { readonly channel: string },
  ): Promise<void> {
    const send = () => this.#context.broadcasts.publishEntry(room, user, channel);
    await this.#publish(`${room.id} ${user.id}`, true, { isFirst, send });
  }

  /** Publishes that a connection of the user has left a room. `alsoTo`: a channel outside the room that receives it too. */
  async publishExit(
    user: Author,
    room: RoomRef,
    { isFirst, alsoTo }: OccupancyNotice & { readonly alsoTo?: string | undefined },
  ): Promise<void> {
    const send = () => this.#context.broadcasts.publishExit(room, user, alsoTo);
    await this.#publish(`${room.id} ${user.id}`, false, { isFirst, send });
  }

  async #publish(
    key: string,
    isOn: boolean,
    { isFirst, send }: OccupancyNotice & { readonly send: () => Promise<void> },
  ): Promise<void> {
    if (!this.#context.notifyOnEnterOrLeave) return;
    await (isFirst ? this.#limiter.publishNow(key, isOn, send) : this.#limiter.publish(key, isOn, send));
  }
}
