import { describe, expect, it } from "vitest";
import { FrameReader } from "../src/jitter/frame-reader.ts";
import { MultichatVoice } from "../src/jitter/multichat-voice.ts";
import { textOf } from "../src/jitter/plan.ts";
import { SocketIoVoice } from "../src/jitter/socket-io-voice.ts";

function frame(payload: Buffer): Buffer {
  const { length } = payload;
  const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  header[0] = 0x81;
  header[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
  if (header.length === 4) header.writeUInt16BE(length, 2);
  if (header.length === 10) header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, payload]);
}

describe("the reader of frames", () => {
  const payloads = [0, 1, 125, 126, 300, 65_536, 3].map((length, index) => Buffer.alloc(length, 97 + index));
  const stream = Buffer.concat(payloads.map(frame));

  it.each([1, 2, 3, 7, 100, 65_540, 1_000_000])("gives every frame whole when the bytes come by %i", (size) => {
    const found: Buffer[] = [];
    const reader = new FrameReader((buffer, start, end) => found.push(Buffer.from(buffer.subarray(start, end))));
    for (let at = 0; at < stream.length; at += size) {
      const chunk = Buffer.from(stream.subarray(at, at + size));
      reader.read(chunk, chunk.length);
      // A socket reads the next bytes into the same memory.
      chunk.fill(0);
    }
    expect(found).toEqual(payloads);
  });
});

/** What a voice heard of frames, and what it answered. */
function listener() {
  const heard: number[] = [];
  const said: string[] = [];
  let joins = 0;
  const ear = {
    joined: () => {
      joins += 1;
    },
    heard: (n: number) => {
      heard.push(n);
    },
  };
  return { ear, heard, said, joins: () => joins };
}

function posted(seq: number, n: number): string {
  return JSON.stringify({ on: "message.posted", room: "r", seq, message: { seq, body: textOf(n) } });
}

describe("the voice of multichat", () => {
  function speaker() {
    const { ear, heard, joins } = listener();
    const room = { id: "r", lastSeq: 10 };
    const voice = new MultichatVoice("token", [room], room, "e1", ear);
    const hear = (text: string) => {
      const payload = Buffer.from(text);
      voice.frame(payload, 0, payload.length, () => {});
    };
    const answer = (events: readonly string[], lastSeq: number) =>
      hear(`{"re":1,"ok":{"reset":false,"events":[${events.join(",")}],"room":{"id":"r","lastSeq":${lastSeq}}}}`);
    return { voice, heard, joins, hear, answer };
  }

  it("joins first and resumes from the last seq afterwards", () => {
    const { voice, hear, answer, heard } = speaker();
    expect(JSON.parse(voice.opened())).toMatchObject({ do: "room.join", room: "r", since: 10 });
    answer([], 10);
    hear(posted(11, 1));
    hear(posted(12, 2));
    voice.closed();
    expect(JSON.parse(voice.opened())).toMatchObject({ do: "resume", rooms: { r: 12 }, epoch: "e1" });
    expect(heard).toEqual([1, 2]);
  });

  it("puts what came before the answer behind it, and nothing twice", () => {
    const { voice, hear, answer, heard, joins } = speaker();
    voice.opened();
    hear(posted(12, 2));
    hear(posted(13, 3));
    answer([posted(11, 1), posted(12, 2)], 11);
    hear(posted(14, 4));
    expect(heard).toEqual([1, 2, 3, 4]);
    expect(joins()).toBe(1);
  });

  it("fails when the server refuses what it says", () => {
    const { voice, hear } = speaker();
    voice.opened();
    expect(() => hear('{"re":1,"error":{"code":"RATE_LIMITED","message":"Too fast."}}')).toThrow(/RATE_LIMITED/);
  });
});

describe("the voice of Socket.IO", () => {
  it("comes back with the id and the offset that the server gave it", () => {
    const { ear, heard, said } = listener();
    const voice = new SocketIoVoice(0, ear);
    const hear = (text: string) => {
      const payload = Buffer.from(text);
      voice.frame(payload, 0, payload.length, (answer) => said.push(answer));
    };
    hear('0{"sid":"a"}');
    hear('40{"sid":"b","pid":"p1"}');
    hear(`42["message",${JSON.stringify({ text: textOf(7) })},"offset7"]`);
    voice.closed();
    hear('0{"sid":"c"}');
    hear("2");
    expect(heard).toEqual([7]);
    expect(said).toEqual(["40", '40{"pid":"p1","offset":"offset7"}', "3"]);
  });
});
