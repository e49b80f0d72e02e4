import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { BadNetwork } from "../src/chaos/network/bad-network.ts";
import { FrameBounds } from "../src/chaos/network/frame-bounds.ts";
import { offsetInsideFrame } from "../src/chaos/network/proxied-connection.ts";
import { Random } from "../src/clients/random.ts";

function frame(length: number, { masked = false } = {}): Buffer {
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

describe("FrameBounds", () => {
  it("finds the end of the handshake and of every frame, of any length, masked or not", () => {
    const parts = [
      handshake,
      frame(0),
      frame(5, { masked: true }),
      frame(126),
      frame(70_000, { masked: true }),
      frame(3),
    ];
    let end = 0;
    const ends = parts.map(({ length }) => {
      end += length;
      return end;
    });
    expect(new FrameBounds().ends(Buffer.concat(parts))).toEqual(ends);
  });

  it("finds the same ends however the bytes are chunked", () => {
    const all = Buffer.concat([handshake, frame(200, { masked: true }), frame(1), frame(300)]);
    const whole = new FrameBounds().ends(all);
    const bounds = new FrameBounds();
    const single: number[] = [];
    for (let at = 0; at < all.length; at += 1) {
      for (const end of bounds.ends(all.subarray(at, at + 1))) single.push(at + end);
    }
    expect(single).toEqual(whole);
  });

  it("never cuts at the end of a frame", () => {
    const random = new Random(3);
    for (let round = 0; round < 200; round += 1) {
      const offset = offsetInsideFrame(10, [2, 5, 10], random);
      expect(offset).toBeGreaterThan(0);
      expect(offset).toBeLessThan(10);
      expect([2, 5]).not.toContain(offset);
    }
    expect(offsetInsideFrame(1, [], random)).toBeUndefined();
  });
});

describe("BadNetwork", () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  /** Starts an echo server behind the network, and a client. */
  async function echo(meanSeconds: number): Promise<{ network: BadNetwork; client: Socket }> {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.pipe(socket);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("Expected a port.");
    const network = new BadNetwork({ random: new Random(1), ports: [address.port], faultIntervalSeconds: meanSeconds });
    const client = connect({ port: await network.listen(), host: "127.0.0.1" });
    client.on("error", () => {});
    closing.push(
      async () => server.close(),
      () => network.close(),
      async () => client.destroy(),
    );
    return { network, client };
  }

  it("forwards everything in order while there are no faults", async () => {
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

  it("cuts a connection eventually, and counts the cut", async () => {
    const { network, client } = await echo(0.05);
    const traffic = setInterval(() => client.write("something"), 5);
    client.resume();
    await new Promise((resolve) => client.once("close", resolve));
    clearInterval(traffic);
    const { cuts } = network.counts;
    expect(cuts["between-frames"] + cuts["mid-frame"] + cuts["before-reply"]).toBe(1);
  });

  it("causes no faults after stopFaults", async () => {
    const { network, client } = await echo(0.05);
    network.stopFaults();
    client.write("still here?");
    const [answer] = (await once(client, "data")) as [Buffer];
    expect(answer.toString()).toBe("still here?");
    expect(network.counts.cuts).toEqual({ "between-frames": 0, "mid-frame": 0, "before-reply": 0 });
  });
});
