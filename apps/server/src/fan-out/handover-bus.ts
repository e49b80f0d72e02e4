/** What carries messages to the other server of a hand-over. */
export interface HandoverPeer {
  readonly isOpen: boolean;
  /** @throws where the message is lost. */
  send(message: object): void;
}

/**
 * Carries messages between a server on SQLite and the one that replaces it, while both serve. Without another server, which is
 * nearly always, a message reaches only this process.
 */
export class HandoverBus {
  readonly #onMessage: (message: unknown) => void;
  readonly #onPeer: () => void;
  #peer: HandoverPeer | undefined;

  /** @param onPeer called when there is another server, which knows nothing of this one yet. */
  constructor({ onMessage, onPeer }: { readonly onMessage: (message: unknown) => void; readonly onPeer: () => void }) {
    this.#onMessage = onMessage;
    this.#onPeer = onPeer;
  }

  get hasPeer(): boolean {
    return this.#peer?.isOpen === true;
  }

  /** Sends to both processes, where there are two. @throws where the other one does not read. */
  publish(message: object): void {
    queueMicrotask(() => this.#onMessage(message));
    if (this.#peer?.isOpen === true) this.#peer.send(message);
  }

  /** Handles a message of the other server. */
  receive(message: unknown): void {
    this.#onMessage(message);
  }

  connect(peer: HandoverPeer): void {
    this.#peer = peer;
    this.#onPeer();
  }

  /** Ends what `connect` began with this peer, and with no other. */
  disconnect(peer: HandoverPeer): void {
    if (this.#peer === peer) this.#peer = undefined;
  }
}
