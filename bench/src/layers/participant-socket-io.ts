import { createAdapter } from "@socket.io/redis-adapter";
import { Redis } from "ioredis";
import { Server } from "socket.io";
import { ReceivedCounter, serve } from "./participant.ts";
import { MAX_IN_FLIGHT, MESSAGE_TEXT } from "./plan.ts";

/**
 * A process with one member in each room, on Socket.IO with its Redis adapter. The member is a socket without a
 * connection: the measurement ends where the encoded packet reaches the transport.
 */
const { url, prefix } = JSON.parse(process.argv[2] ?? "{}");

const publisher = new Redis(url);
const subscriber = new Redis(url);
const io = new Server();
io.adapter(createAdapter(publisher, subscriber, { key: prefix }));
const received = new ReceivedCounter();
const namespace = io.of("/");
const id = `member.${process.pid}`;

/** The part of a socket that the adapter uses. */
const member = {
  id,
  client: {
    writeToEngine: (packets: readonly unknown[]) => {
      const sentUs = /"sentUs":(\d+)/.exec(String(packets[0]))?.[1];
      received.count(Number(sentUs));
    },
  },
};
(namespace.sockets as Map<string, unknown>).set(id, member);
await publisher.ping();

let sentCount = 0;
let lastPing: Promise<unknown> = Promise.resolve();
await serve(
  {
    join: async (room) => {
      await namespace.adapter.addAll(id, new Set([room]));
    },
    send: async (room, sentUs) => {
      io.to(room).emit("chat.message", { sentUs, text: MESSAGE_TEXT });
      sentCount += 1;
      // The adapter does not tell when a message has left. Redis replies in order, so a ping after it does.
      if (sentCount % (MAX_IN_FLIGHT / 4) === 0) lastPing = publisher.ping();
      await lastPing;
    },
  },
  received,
);
