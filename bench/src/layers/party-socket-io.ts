import { createAdapter } from "@socket.io/redis-adapter";
import { Redis } from "ioredis";
import { Server } from "socket.io";
import { Received, serve } from "./party.ts";
import { inFlight, text } from "./plan.ts";

/**
 * A process with one member in each room, on Socket.IO with its Redis adapter. The member is a socket without a
 * connection: what is measured ends where the encoded packet is handed to the transport.
 */
const { url, prefix } = JSON.parse(process.argv[2] ?? "{}");

const publisher = new Redis(url);
const subscriber = new Redis(url);
const io = new Server();
io.adapter(createAdapter(publisher, subscriber, { key: prefix }));
const received = new Received();
const namespace = io.of("/");
const id = `member.${process.pid}`;

/** What the adapter uses of a socket. */
const member = {
  id,
  client: {
    writeToEngine: (packets: readonly unknown[]) => {
      const sentUs = /"sentUs":(\d+)/.exec(String(packets[0]))?.[1];
      received.one(Number(sentUs));
    },
  },
};
(namespace.sockets as Map<string, unknown>).set(id, member);
await publisher.ping();

let unanswered = 0;
let answered: Promise<unknown> = Promise.resolve();
await serve(
  {
    join: async (room) => {
      await namespace.adapter.addAll(id, new Set([room]));
    },
    send: async (room, sentUs) => {
      io.to(room).emit("chat.message", { sentUs, text });
      unanswered += 1;
      // It tells nobody when a message has gone out. Redis answers in order: a ping behind it does.
      if (unanswered % (inFlight / 4) === 0) answered = publisher.ping();
      await answered;
    },
  },
  received,
);
