import { setTimeout as delay } from "node:timers/promises";
import { SUBPROTOCOL } from "@multichat/protocol";
import { Redis } from "ioredis";
import { WebSocket } from "ws";
import type { TestChat } from "../../../../apps/server/test/support/chat-server.ts";
import { makeCodec } from "../../../../packages/channels-redis/src/codec/codec.ts";
import { readCorpus } from "../corpus.ts";
import { jsonGenerator } from "../mutate-json.ts";
import { expectThat, Finding, type Target } from "../target.ts";
import { FuzzedServer } from "./fuzzed-server.ts";
import { ANSWER_TIMEOUT_MS } from "./raw-socket.ts";

/** Stand in the corpus for the ids of a room and of a user who is in it. As long as those, so that encoded lengths stay right. */
const ROOM = "room0000-0000-7000-8000-000000000000";
const USER = "user0000-0000-7000-8000-000000000000";

const BARRIER = { id: 1, do: "ping" };

/**
 * What another program could publish in the server's Redis, on each of its topics: no connection may be closed by it, and
 * the server answers afterwards. The first character of an input chooses the topic.
 */
export function layerTarget(redisUrl: string): Target {
  const prefix = `fuzz${process.pid}`;
  const server = new FuzzedServer({ REDIS_URL: redisUrl, REDIS_PREFIX: prefix });
  const redis = new Redis(redisUrl);
  const codec = makeCodec({ uniquePrefix: false });
  const encode = (message: unknown) => codec.encode(message as Parameters<typeof codec.encode>[0]).toString("latin1");
  const messages = readCorpus("layer");
  const generateJson = jsonGenerator(messages);
  const corpus = messages.flatMap((text, index) => [`${String.fromCharCode(index)}${encode(JSON.parse(text))}`]);
  let client: WebSocket | undefined;
  let topics: readonly string[] = [];
  let ids = { room: ROOM, user: USER };
  return {
    corpus,
    isBinary: true,
    generate(random) {
      try {
        return `${String.fromCharCode(random.integerBelow(256))}${encode(JSON.parse(generateJson(random)))}`;
      } catch {
        // The changed text is no JSON, or no message.
        return random.pick(corpus);
      }
    },
    async run(input) {
      const { chat, isNew } = await server.next();
      if (isNew || client === undefined) {
        client = await connect(chat.socketUrl, (await chat.session("alice")).cookie);
        await ping(client, { id: 2, do: "room.join", room: 1 });
        ids = await readIds(chat);
        topics = (await redis.pubsub("CHANNELS", `${prefix}*`)) as string[];
        expectThat(topics.length > 0, "expected the server to subscribe to topics");
      }
      const topic = topics[input.charCodeAt(0) % topics.length] ?? "";
      const message = input.slice(1).replaceAll(ROOM, ids.room).replaceAll(USER, ids.user);
      await redis.publish(topic, Buffer.from(message, "latin1"));
      // Redis delivers to the server before it answers another command of this connection, but by another connection.
      await delay(0);
      try {
        await ping(client, BARRIER);
      } catch (error) {
        client.terminate();
        client = undefined;
        throw error;
      }
    },
    async close() {
      client?.terminate();
      await server.close();
      redis.disconnect();
    },
  };
}

async function readIds(chat: TestChat): Promise<{ room: string; user: string }> {
  // The casts hold: the shapes are those of the API, and ids of another length are found below.
  const { me } = (await chat.api("alice", "GET", "/api/me")).body as { me: { id: string } };
  const { room } = (await chat.api("alice", "GET", "/api/rooms/1")).body as { room: { id: string } };
  const ids = { user: me.id, room: room.id };
  expectThat(
    ids.user.length === USER.length && ids.room.length === ROOM.length,
    "expected ids as long as their stand-ins",
  );
  return ids;
}

async function connect(url: string, cookie: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url}/ws`, [SUBPROTOCOL], { headers: { cookie } });
  socket.setMaxListeners(0);
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  return socket;
}

/** Sends a command and waits for its reply. @throws Finding when the connection is closed instead */
async function ping(
  socket: WebSocket,
  command: { readonly id: number; readonly do: string; readonly room?: number },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Finding("the server did not answer")), ANSWER_TIMEOUT_MS);
  const read = (data: Buffer): void => {
    if (data.toString("utf8").startsWith(`{"re":${command.id},`)) resolve();
  };
  const fail = (code: number): void => reject(new Finding(`a connection was closed with ${code}`));
  socket.on("message", read);
  socket.once("close", fail);
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(command));
  else fail(0);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    socket.off("message", read);
    socket.off("close", fail);
  }
}
