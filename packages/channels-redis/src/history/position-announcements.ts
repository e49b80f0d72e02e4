import { crc32 } from "node:zlib";
import type { EventPosition } from "@multichat/channels/layer";

interface Announcement {
  readonly position: EventPosition;
  readonly checksum: number;
}

const ANNOUNCEMENT = /^([0-9a-f]{1,64}):(\d{1,15}):(\d{1,10})$/;

/**
 * The positions of events that are about to arrive. The server publishes a position and its event in one step, and each group is
 * on one connection, so the next message to the group is the event.
 */
export class PositionAnnouncements {
  readonly #prefix: string;
  readonly #announced = new Map<string, Announcement>();

  /** @param prefix what precedes the name of the group in the topics of positions. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Returns whether the topic is one of positions. */
  isTopic(topic: string): boolean {
    return topic.startsWith(this.#prefix);
  }

  /** Remembers a position. Anything with access to the server can publish there; what is no position is ignored. */
  receive(topic: string, bytes: Buffer): void {
    const group = topic.slice(this.#prefix.length, -1);
    const [, epoch, offset, checksum] = ANNOUNCEMENT.exec(bytes.toString("latin1")) ?? [];
    if (epoch === undefined) return;
    this.#announced.set(group, {
      position: Object.freeze({ group, epoch, offset: Number(offset) }),
      checksum: Number(checksum),
    });
  }

  /** Returns the position of a message that has arrived for a group; undefined for one that was sent without. */
  take(group: string, bytes: Buffer): EventPosition | undefined {
    const announced = this.#announced.get(group);
    if (announced === undefined) return undefined;
    this.#announced.delete(group);
    // Where only the position arrived, because the group was about to be subscribed to, this is another message.
    return announced.checksum === checksumOf(bytes) ? announced.position : undefined;
  }

  forget(group: string): void {
    this.#announced.delete(group);
  }
}

/** Returns the checksum by which an event is matched with its position. */
export function checksumOf(bytes: Buffer): number {
  return crc32(bytes);
}
