interface RoomPosts {
  /** The access version under which the active messages were started. */
  version: number;
  active: number;
  readonly waiting: { readonly version: number; readonly start: () => void }[];
}

/** The place of one message. Taken before its first attempt to append, kept over repeated ones, and released at its end. */
export interface PostPlace {
  /** Returns undefined if the message can be appended now, otherwise a promise that resolves when it can. */
  take(room: string, accessVersion: number): Promise<void> | undefined;
  release(): void;
}

/**
 * Keeps the messages of one sender in order, room by room, while several wait for their commit. Appends are written in the
 * order of their calls, except that one with an outdated access version is repeated. Then all that were started under that
 * version are, in their order; so a message with a newer version waits until they have ended.
 */
export class PostOrder {
  readonly #rooms = new Map<string, RoomPosts>();

  place(): PostPlace {
    let taken: string | undefined;
    return {
      take: (room, accessVersion) => {
        if (taken !== undefined) return undefined;
        taken = room;
        return this.#take(room, accessVersion);
      },
      release: () => {
        if (taken !== undefined) this.#release(taken);
      },
    };
  }

  #take(room: string, version: number): Promise<void> | undefined {
    const posts = this.#rooms.get(room);
    if (posts === undefined) {
      this.#rooms.set(room, { version, active: 1, waiting: [] });
      return undefined;
    }
    if (posts.version === version && posts.waiting.length === 0) {
      posts.active += 1;
      return undefined;
    }
    return new Promise((start) => {
      posts.waiting.push({ version, start });
    });
  }

  #release(room: string): void {
    const posts = this.#rooms.get(room);
    if (posts === undefined) return;
    posts.active -= 1;
    if (posts.active > 0) return;
    const [next] = posts.waiting;
    if (next === undefined) {
      this.#rooms.delete(room);
      return;
    }
    posts.version = next.version;
    while (posts.waiting[0]?.version === posts.version) {
      posts.active += 1;
      posts.waiting.shift()?.start();
    }
  }
}
