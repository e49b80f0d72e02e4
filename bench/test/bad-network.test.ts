import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { BadNetwork } from "../src/chaos/bad-network.ts";
import { FrameBounds } from "../src/chaos/frame-bounds.ts";
import { insideAFrame } from "../src/chaos/proxied-connection.ts";
import { Random } from "../src/crowd/random.ts";

function frame(length: number, masked: boolean): Buffer {
  const mask = masked ? 4 : 0;
  const wide = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const buffer = Buffer.alloc(2 + wide + mask + length, 0x0d);
  buffer[0] = 0x81;
  buffer[1] = (masked ? 0x80 : 0) | (wide === 0 ? length : wide === 2 ? 126 : 127);
  if (wide === 2) buffer.writeUInt16BE(length, 2);
  if (wide === 8) buffer.writeBigUInt64BE(BigInt(length), 2);
  return buffer;
}

const handshake = Buffer.from("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n");

describe("the bounds of frames", () => {
  it("are found behind the handshake and every frame, of any length, masked or not", () => {
    const parts = [handshake, frame(0, false), frame(5, true), frame(126, false), frame(70_000, true), frame(3, false)];
    let end = 0;
    const ends = parts.map(({ length }) => {
      end += length;
      return end;
    });
    expect(new FrameBounds().ends(Buffer.concat(parts))).toEqual(ends);
  });

  it("are the same however the bytes come", () => {
    const all = Buffer.concat([handshake, frame(200, true), frame(1, false), frame(300, false)]);
    const whole = new FrameBounds().ends(all);
    const bounds = new FrameBounds();
    const single: number[] = [];
    for (let at = 0; at < all.length; at += 1) {
      for (const end of bounds.ends(all.subarray(at, at + 1))) single.push(at + end);
    }
    expect(single).toEqual(whole);
  });

  it("are where no cut in the middle of a frame falls", () => {
    const random = new Random(3);
    for (let times = 0; times < 200; times += 1) {
      const place = insideAFrame(10, [2, 5, 10], random);
      expect(place).toBeGreaterThan(0);
      expect(place).toBeLessThan(10);
      expect([2, 5]).not.toContain(place);
    }
    expect(insideAFrame(1, [], random)).toBeUndefined();
  });
});

describe("a bad network", () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  /** A server that says everything back, behind the network. */
  async function echo(meanSeconds: number): Promise<{ network: BadNetwork; client: Socket }> {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.pipe(socket);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("Expected a port.");
    const network = new BadNetwork({ random: new Random(1), port: address.port, meanSeconds });
    const client = connect({ port: await network.listen(), host: "127.0.0.1" });
    client.on("error", () => {});
    closing.push(
      async () => server.close(),
      () => network.close(),
      async () => client.destroy(),
    );
    return { network, client };
  }

  it("brings everything, in order, as long as nothing happens", async () => {
    const { client } = await echo(3_600);
    const sent = Buffer.from(Array.from({ length: 50_000 }, (_, index) => index % 251));
    const chunks: Buffer[] = [];
    const all = new Promise<void>((resolve) => {
      client.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        if (Buffer.concat(chunks).length === sent.length) resolve();
      });
    });
    for (let at = 0; at < sent.length; at += 5_000) client.write(sent.subarray(at, at + 5_000));
    await all;
    expect(Buffer.concat(chunks).equals(sent)).toBe(true);
  });

  it("cuts sooner or later, and counts it", async () => {
    const { network, client } = await echo(0.05);
    const talk = setInterval(() => client.write("something"), 5);
    client.resume();
    await new Promise((resolve) => client.once("close", resolve));
    clearInterval(talk);
    const { cuts } = network.counts;
    expect(cuts["between-frames"] + cuts["mid-frame"] + cuts["after-asking"]).toBe(1);
  });

  it("does nothing more to anybody once it is calm", async () => {
    const { network, client } = await echo(0.05);
    network.calm();
    client.write("still here?");
    const [answer] = (await once(client, "data")) as [Buffer];
    expect(answer.toString()).toBe("still here?");
    expect(network.counts.cuts).toEqual({ "between-frames": 0, "mid-frame": 0, "after-asking": 0 });
  });
});
