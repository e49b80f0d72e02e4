import type { ErrorCode } from "@multichat/protocol";
import type { Actor } from "../../accounts/accounts.ts";
import { isInvalidInput, isRecordedRefusal, type SecurityLog } from "../../audit/index.ts";

export interface SocketRefusal {
  readonly code: ErrorCode;
  /** The signed-in user; null: nobody. */
  readonly actor: Pick<Actor, "id" | "username"> | null;
  readonly address: string;
  /** The command, or the route of the handshake. */
  readonly target: string;
  /** The address of the room as the client gave it. */
  readonly room?: string | number | undefined;
}

/** Ids and numbers of rooms. Anything else may be a text that was meant to go somewhere else. */
const ROOM_ADDRESS = /^(\d{1,15}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

/** Records the handshakes and commands that were refused because access was denied, and logs those that were invalid. */
export class RefusalRecorder {
  readonly #log: Pick<SecurityLog, "record" | "noteInvalidInput">;

  constructor(log: Pick<SecurityLog, "record" | "noteInvalidInput">) {
    this.#log = log;
  }

  /** Not awaited: a refusal is answered at once, and never fails because of its record. */
  record({ code, actor, address, target, room }: SocketRefusal): void {
    const source = {
      actor: actor === null ? null : { id: actor.id, username: actor.username },
      target,
      address: address === "" ? null : address,
      request: null,
    };
    if (isInvalidInput(code)) this.#log.noteInvalidInput({ ...source, code });
    if (!isRecordedRefusal(code)) return;
    const hasRoom = room !== undefined && ROOM_ADDRESS.test(String(room));
    void this.#log.record({
      action: "access.refuse",
      outcome: "refused",
      ...source,
      details: { code, ...(hasRoom ? { room: String(room) } : {}) },
    });
  }
}
