import { type Got, Socket, type SocketOptions } from "./socket.ts";

/** A room that no test enters: leaving it is answered and told to nobody, so it marks a place in the order of answers. */
const FENCE_ROOM = 2;

/** A socket that speaks the classic protocol. */
export class ClassicClient extends Socket {
  readonly #fenceRoom: number;

  constructor(url: string, options: SocketOptions & { readonly fenceRoom?: number } = {}) {
    super(url, options);
    this.#fenceRoom = options.fenceRoom ?? FENCE_ROOM;
  }

  /** Everything that was sent before has been handled, and what it caused here has arrived. */
  async fence(): Promise<void> {
    // Twice: a turn of the connection handles a frame first and an event after it.
    for (let i = 0; i < 2 && this.isOpen; i += 1) {
      this.send({ command: "leave", room: this.#fenceRoom });
      await this.until(() => this.isOver || this.#takeFence());
    }
  }

  /** Resolves when so many have come, or after a while. */
  async hasGot(atLeast: number): Promise<void> {
    // Too few are not an error here: what there is tells more in the caller's comparison than that something was late.
    await this.until(() => this.received.length >= atLeast, 3_000).catch(() => {});
  }

  /** All that it got since the last time: at least so many, then whatever else is under way. */
  async gets(atLeast: number, others: readonly ClassicClient[] = []): Promise<Got[]> {
    await this.hasGot(atLeast);
    for (const other of others) await other.fence();
    await this.fence();
    return this.received.splice(0);
  }

  #takeFence(): boolean {
    const place = this.received.findIndex((got) => (got as { leave?: unknown }).leave === String(this.#fenceRoom));
    if (place === -1) return false;
    this.received.splice(place, 1);
    return true;
  }
}
