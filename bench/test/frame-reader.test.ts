import { describe, expect, it } from "vitest";
import { MultichatClient } from "../src/jitter/multichat-client.ts";
import { textOf } from "../src/jitter/plan.ts";
import { SocketIoClient } from "../src/jitter/socket-io-client.ts";
import { FrameReader } from "../src/sockets/frame-reader.ts";

function frame(payload: Buffer): Buffer {
  const { length } = payload;
  const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  header[0] = 0x81;
  header[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
  if (header.length === 4) header.writeUInt16BE(length, 2);
  if (header.length === 10) header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, payload]);
}

describe("FrameReader", () => {
  const payloads = [0, 1, 125, 126, 300, 65_536, 3].map((length, index) => Buffer.alloc(length, 97 + index));
  const stream = Buffer.concat(payloads.map(frame));

  it.each([1, 2, 3, 7, 100, 65_540, 1_000_000])("returns complete frames from chunks of %i bytes", (size) => {
    const found: Buffer[] = [];
    const reader = new FrameReader((buffer, start, end) => found.push(Buffer.from(buffer.subarray(start, end))));
    for (let at = 0; at < stream.length; at += size) {
      const chunk = Buffer.from(stream.subarray(at, at + size));
      reader.read(chunk, chunk.length);
      // A socket reuses the memory for its next read.
      chunk.fill(0);
    }
    expect(found).toEqual(payloads);
  });
});

/** Records what a protocol client receives and sends. */
function recorder() {
  const received: number[] = [];
  const sent: string[] = [];
  let joins = 0;
  const listener = {
    joined: () => {
      joins += 1;
    },
    received: (n: number) => {
      received.push(n);
    },
  };
  return { listener, received, sent, joins: () => joins };
}

function posted(seq: number, n: number): string {
  return JSON.stringify({ on: "message.posted", room: "r", seq, message: { seq, body: textOf(n) } });
}

describe("MultichatClient", () => {
  function setUp() {
    const { listener, received, joins } = recorder();
    const room = { id: "r", lastSeq: 10 };
    const client = new MultichatClient("token", [room], room, "e1", listener);
    const receive = (text: string) => {
      const payload = Buffer.from(text);
      client.handleFrame(payload, 0, payload.length, () => {});
    };
    const reply = (events: readonly string[], lastSeq: number) =>
      receive(`{"re":1,"ok":{"reset":false,"events":[${events.join(",")}],"room":{"id":"r","lastSeq":${lastSeq}}}}`);
    return { client, received, joins, receive, reply };
  }

  it("joins first and resumes from the last seq afterwards", () => {
    const { client, receive, reply, received } = setUp();
    expect(JSON.parse(client.handleOpen())).toMatchObject({ do: "room.join", room: "r", since: 10 });
    reply([], 10);
    receive(posted(11, 1));
    receive(posted(12, 2));
    client.handleClose();
    expect(JSON.parse(client.handleOpen())).toMatchObject({ do: "resume", rooms: { r: 12 }, epoch: "e1" });
    expect(received).toEqual([1, 2]);
  });

  it("orders messages that arrive before the reply after it, without duplicates", () => {
    const { client, receive, reply, received, joins } = setUp();
    client.handleOpen();
    receive(posted(12, 2));
    receive(posted(13, 3));
    reply([posted(11, 1), posted(12, 2)], 11);
    receive(posted(14, 4));
    expect(received).toEqual([1, 2, 3, 4]);
    expect(joins()).toBe(1);
  });

  it("throws when the server refuses a command", () => {
    const { client, receive } = setUp();
    client.handleOpen();
    expect(() => receive('{"re":1,"error":{"code":"RATE_LIMITED","message":"Too fast."}}')).toThrow(/RATE_LIMITED/);
  });
});

describe("SocketIoClient", () => {
  it("reconnects with the id and the offset from the server", () => {
    const { listener, received, sent } = recorder();
    const client = new SocketIoClient(0, listener);
    const receive = (text: string) => {
      const payload = Buffer.from(text);
      client.handleFrame(payload, 0, payload.length, (answer) => sent.push(answer));
    };
    receive('0{"sid":"a"}');
    receive('40{"sid":"b","pid":"p1"}');
    receive(`42["message",${JSON.stringify({ text: textOf(7) })},"offset7"]`);
    client.handleClose();
    receive('0{"sid":"c"}');
    receive("2");
    expect(received).toEqual([7]);
    expect(sent).toEqual(["40", '40{"pid":"p1","offset":"offset7"}', "3"]);
  });
});
