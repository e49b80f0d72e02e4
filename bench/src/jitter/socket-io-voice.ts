import { type Ear, eachPlace, upgradeRequest, type Voice } from "./voice.ts";

const engineOpen = 0x30;
const enginePing = 0x32;
const engineMessage = 0x34;
const packetConnect = 0x30;
const packetEvent = 0x32;
const quote = 0x22;

/** Speaks Socket.IO 4 over WebSocket, with connection state recovery where the server offers it. */
export class SocketIoVoice implements Voice {
  readonly request: string;
  readonly #ear: Ear;
  /** What the server takes a client that comes back by. */
  #pid: string | undefined;
  #offset: string | undefined;

  constructor(room: number, ear: Ear) {
    this.request = upgradeRequest(`/socket.io/?EIO=4&transport=websocket&room=${room}`);
    this.#ear = ear;
  }

  opened(): undefined {
    // Asking for the namespace before the server has opened the session is lost on it.
    return undefined;
  }

  closed(): void {}

  frame(buffer: Buffer, start: number, end: number, answer: (text: string) => void): void {
    const kind = buffer[start];
    if (kind === engineOpen) {
      answer(this.#pid === undefined ? "40" : `40${JSON.stringify({ pid: this.#pid, offset: this.#offset })}`);
    } else if (kind === enginePing) {
      answer("3");
    } else if (kind === engineMessage && buffer[start + 1] === packetConnect) {
      const { pid } = JSON.parse(buffer.toString("utf8", start + 2, end)) as { readonly pid?: string };
      this.#pid = pid;
      this.#ear.joined();
    } else if (kind === engineMessage && buffer[start + 1] === packetEvent) {
      if (this.#pid !== undefined) this.#offset = lastText(buffer, start, end);
      eachPlace(buffer, start, end, (n) => this.#ear.heard(n));
    }
  }

  sendsTo(): readonly string[] {
    return [];
  }

  message(room: number, text: string): string {
    return `42${JSON.stringify(["message", room, { user: "alice", text }])}`;
  }
}

/** With recovery on, every event ends with its offset: `,"…"]`. */
function lastText(buffer: Buffer, start: number, end: number): string | undefined {
  if (buffer[end - 2] !== quote) return undefined;
  const from = buffer.lastIndexOf(quote, end - 3);
  return from <= start ? undefined : buffer.toString("latin1", from + 1, end - 2);
}
