import { BEARER_PREFIX, SUBPROTOCOL } from "@multichat/protocol";
import type { Subject } from "./plan.ts";

/**
 * What the load client sends to a server and what it expects, as data; bench/client/config.c lists the placeholders. The client
 * checks how a frame begins, and reads the time that a message carries.
 */
export interface Wire {
  readonly path: string;
  /** A header of the handshake. */
  readonly header?: string;
  /** What a member sends, and how the frames begin that it awaits, until it is in its room. */
  readonly steps: readonly ({ readonly say: string } | { readonly await: string })[];
  readonly message: string;
  /** How a delivered message begins. */
  readonly delivery: string;
  /** What precedes the digits of a message's time. */
  readonly marker: string;
  /** What a frame contains that refuses a message. */
  readonly refusal?: string;
  readonly ping?: string;
  readonly pong?: string;
  /** A frame holds several messages, one a line. */
  readonly hasLines?: true;
}

/** The bytes of a message, without what a protocol adds. */
const MESSAGE_BYTES = 135;
/** The digits that replace `%T`, beyond the placeholder itself. */
const TIME_EXTRA_BYTES = 14;
const TEXT =
  "a message of the usual length, as people send them all day, really, to everybody who is in the room with them";

/** Pads a text so that the message with its time has the usual size. */
function paddedMessage(head: string, end: string): string {
  const size = MESSAGE_BYTES - head.length - end.length - TIME_EXTRA_BYTES;
  return `${head}${TEXT.padEnd(size, "!").slice(0, size)}${end}`;
}

const JSON_MESSAGE = paddedMessage('{"room":"general","user":"alice","at":"%T","text":"', '"}');
const PLAIN: Wire = {
  path: "/",
  steps: [],
  message: JSON_MESSAGE,
  delivery: '{"',
  marker: '"at":"',
};

/** In the chat a message's room, author and time are fields of its own, so its text alone has the usual size. */
const CHAT_TEXT = paddedMessage("at=%T ", "");

export const WIRES: Readonly<Record<Subject, Wire>> = {
  multichat: {
    path: "/ws",
    header: `sec-websocket-protocol: ${SUBPROTOCOL}, ${BEARER_PREFIX}%K`,
    steps: [{ say: '{"id":0,"do":"room.join","room":%R}' }, { await: '{"re":0,"ok":' }],
    message: `{"id":1%N,"do":"message.send","room":%R,"clientId":"%U","body":"${CHAT_TEXT}"}`,
    delivery: '{"on":"message.posted"',
    marker: '"at=',
    refusal: '"error":{',
  },
  channels: PLAIN,
  ws: PLAIN,
  uvicorn: PLAIN,
  epoll: PLAIN,
  "socket.io": {
    path: "/socket.io/?EIO=4&transport=websocket",
    // The server ignores a request for the namespace before it has opened the session.
    steps: [{ await: "0{" }, { say: "40" }, { await: "40" }],
    message: `42["message",${JSON_MESSAGE}]`,
    delivery: '42["message"',
    marker: '"at":"',
    ping: "2",
    pong: "3",
  },
  centrifugo: {
    path: "/connection/websocket",
    steps: [
      { say: '{"id":1,"connect":{}}' },
      { await: '{"id":1,"connect"' },
      { say: '{"id":2,"subscribe":{"channel":"general"}}' },
      { await: '{"id":2,"subscribe"' },
    ],
    message: `{"id":3%N,"publish":{"channel":"general","data":${JSON_MESSAGE}}}`,
    delivery: '{"push":',
    marker: '"at":"',
    refusal: '"error":{',
    ping: "{}",
    pong: "{}",
    hasLines: true,
  },
};
