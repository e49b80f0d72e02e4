import type { SharedFrame } from "../frame.ts";

/** The HTTP error response that refuses a handshake. */
export interface Refusal {
  /** An HTTP status from 400 to 599. */
  readonly status: number;
  /** The response body, for the developer of the client. */
  readonly reason: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The connection of a consumer: a real socket, or a communicator in a test. */
export interface Transport {
  /** Completes the handshake. */
  accept(subprotocol: string | undefined): void;
  /** Ends the handshake with an HTTP error response. */
  refuse(refused: Refusal): void;
  /**
   * Queues a frame; returns false when the connection cannot take it because it is closing or too slow. Never blocks.
   */
  send(frame: SharedFrame): boolean;
  /** Sends the queued frames, then a close frame. */
  close(code: number, reason: string): void;
  /**
   * Whether the client reads so slowly that it is asked to wait: its frames are not handled until `onDrained` is called.
   */
  readonly isCongested: boolean;
  /** Stops reading while the consumer's frame queue is full. */
  pause(): void;
  resume(): void;
  /** Number of bytes that wait to be sent. */
  readonly bufferedBytes: number;
  /** Called when the consumer has ended and released everything. */
  onConsumerEnded(): void;
}
