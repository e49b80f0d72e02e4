import { type Got, Socket, type SocketOptions } from "./socket.ts";

/** A room that no test joins. Leaving it is answered and not announced, so the answer marks a place in the order of frames. */
const FENCE_ROOM = 2;

/** A socket that speaks the classic protocol. */
export class ClassicClient extends Socket {
  readonly #fenceRoom: number;

  constructor(url: string, options: SocketOptions & { readonly fenceRoom?: number } = {}) {
    super(url, options);
    this.#fenceRoom = options.fenceRoom ?? FENCE_ROOM;
  }

  /** Resolves when everything sent before has been handled and its effects on this connection have arrived. */
  async fence(): Promise<void> {
    // Twice: a turn of the connection handles a frame first and an event after it.
    for (let i = 0; i < 2 && this.isOpen; i += 1) {
      this.send({ command: "leave", room: this.#fenceRoom });
      await this.until(() => this.isOver || this.#takeFence());
    }
  }

  /** Resolves when `atLeast` frames have arrived, or after a minute. */
  async hasGot(atLeast: number): Promise<void> {
    // Too few frames are not an error: the caller's comparison says more about them than a timeout would.
    await this.until(() => this.received.length >= atLeast, 60_000).catch(() => {});
  }

  /** Returns the frames since the last call: at least `atLeast`, and those that are still on their way. */
  async gets(atLeast: number, others: readonly ClassicClient[] = []): Promise<Got[]> {
    await this.hasGot(atLeast);
    for (const other of others) await other.fence();
    await this.fence();
    return this.received.splice(0);
  }

  #takeFence(): boolean {
    const index = this.received.findIndex((got) => (got as { leave?: unknown }).leave === String(this.#fenceRoom));
    if (index === -1) return false;
    this.received.splice(index, 1);
    return true;
  }
}
