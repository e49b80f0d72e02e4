import type { SharedFrame } from "../frame.ts";

/** Why a handshake was refused, as HTTP says it. */
export interface Refusal {
  /** An HTTP status from 400 to 599. */
  readonly status: number;
  /** For the person who debugs the client; part of the answer's body. */
  readonly reason: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a session needs of the connection below it: a real socket, or a communicator in a test. */
export interface Transport {
  /** Completes the handshake. */
  accept(subprotocol: string | undefined): void;
  /** Ends the handshake with an HTTP answer. */
  refuse(refused: Refusal): void;
  /** Queues a frame; false when the connection cannot take it (closing, or too slow). Never blocks. */
  send(frame: SharedFrame): boolean;
  /** Sends what is queued, then a close frame. */
  close(code: number, reason: string): void;
  /** Stops reading: the session's frame queue is full. */
  pause(): void;
  resume(): void;
  /** Bytes that wait to leave. */
  readonly bufferedBytes: number;
}
