import type { ResumedRoom } from "@multichat/protocol";
import { CommandError } from "../model/errors.ts";
import type { Room } from "../room/room.ts";
import type { ConnectionScope } from "../transport/connection-scope.ts";
import type { LocalState } from "./local-state.ts";
import type { SyncOptions } from "./sync-options.ts";

/** What is known of a room when its resume is requested. */
interface ResumeRequest {
  readonly room: Room;
  readonly since: number;
  readonly logGeneration: number;
  readonly accessGeneration: number;
}

/**
 * Catches up over a new connection, from top to bottom: which user this is, which rooms there are, and which events were missed.
 */
export class Resume {
  readonly #options: SyncOptions;
  readonly #state: LocalState;
  readonly #scope: ConnectionScope;

  constructor(options: SyncOptions, state: LocalState, scope: ConnectionScope) {
    this.#options = options;
    this.#state = state;
    this.#scope = scope;
  }

  /** Resolves with true when the client has caught up, and with false when the connection closes first. */
  async run(): Promise<boolean> {
    const { directory, session, serverLimits } = this.#options;
    directory.beginRequest();
    // The missed events and the list are requested in one round trip. Without a user, no room's log is known, and without the
    // server's limits it is not known how many rooms it accepts in a frame.
    const resumed = session.user === null || !serverLimits.areKnown ? undefined : this.#resumeKnownRooms();
    const list = await this.#scope.request("room.list", {});
    if (list === undefined) return false;
    serverLimits.report(list.limits);
    this.#state.signIn(list.me);
    this.#state.useEpoch(list.epoch);
    this.#state.applyRoomList(list.rooms);
    await (resumed ?? this.#resumeKnownRooms());
    return !this.#scope.hasEnded;
  }

  /** Resumes as many rooms with a known log as one connection can join, open rooms first. */
  async #resumeKnownRooms(): Promise<void> {
    const { rooms, serverLimits, subscribeTo } = this.#options;
    const known = [...rooms].filter((room) => room.seq !== undefined && (room.isOpen || subscribeTo === "listed"));
    known.sort((a, b) => Number(b.isOpen) - Number(a.isOpen));
    await this.resumeRooms(known.slice(0, serverLimits.current.roomsPerConnection));
  }

  /** Requests the missed events of these rooms together. Resolves with the rooms that have to be joined one by one instead. */
  async resumeRooms(rooms: readonly Room[]): Promise<readonly Room[]> {
    const batches = splitIntoFrames(rooms, this.#options.serverLimits.current.frameBytes);
    return (await Promise.all(batches.map((batch) => this.#resumeBatch(batch)))).flat();
  }

  async #resumeBatch(rooms: readonly Room[]): Promise<readonly Room[]> {
    const requests = rooms.map((room) => ({
      room,
      since: room.seq ?? 0,
      logGeneration: room.logGeneration,
      accessGeneration: room.accessGeneration,
    }));
    const params = {
      rooms: Object.fromEntries(requests.map(({ room, since }) => [room.id, since])),
      epoch: this.#options.session.epoch ?? "",
    };
    const answer = await this.#scope.request("resume", params).catch((error: unknown) => {
      // A server that allows fewer rooms per connection: open rooms are joined one by one.
      if (error instanceof CommandError) return undefined;
      throw error;
    });
    if (answer === undefined) return [];
    this.#state.useEpoch(answer.epoch);
    const isSameLog = answer.epoch === params.epoch;
    return requests
      .filter((request) => !this.#applyAnswer(request, answer.rooms[request.room.id], { isSameLog }))
      .map(({ room }) => room);
  }

  /** Returns false when the answer does not apply, so that the room has to be joined. */
  #applyAnswer(
    { room, since, logGeneration, accessGeneration }: ResumeRequest,
    answer: ResumedRoom | undefined,
    { isSameLog }: { readonly isSameLog: boolean },
  ): boolean {
    if (answer === undefined || room.isJoined) return true;
    if ("gone" in answer) {
      this.#state.markRoomGone(room.id);
      return true;
    }
    // The room was lost since the request, so the answer does not say whether the user has access.
    if (room.accessGeneration !== accessGeneration) return false;
    if (room.logGeneration === logGeneration) {
      room.applyResume(answer, since);
      return true;
    }
    // The log was forgotten since the request. Where that is because it was replaced, the answer begins the new one.
    if (!answer.reset || isSameLog) return false;
    room.applyResume(answer, undefined);
    return true;
  }
}

/** The bytes of a resume command besides its rooms, and of a room besides its id: quotes, colon, a seq, comma. */
const ENVELOPE_BYTES = 256;
const BYTES_PER_SEQ = 20;

/** Splits the rooms so that the resume of each part fits into a frame. */
function splitIntoFrames(rooms: readonly Room[], frameBytes: number): Room[][] {
  const batches: Room[][] = [];
  let bytesLeft = 0;
  for (const room of rooms) {
    const bytes = 3 * room.id.length + BYTES_PER_SEQ;
    const batch = batches.at(-1);
    if (batch === undefined || bytes > bytesLeft) {
      batches.push([room]);
      bytesLeft = frameBytes - ENVELOPE_BYTES;
    } else batch.push(room);
    bytesLeft -= bytes;
  }
  return batches;
}
