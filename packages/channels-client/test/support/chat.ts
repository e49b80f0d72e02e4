import {
  authMiddleware,
  bearerToken,
  chain,
  commands,
  type GroupHistory,
  type GroupHistoryOptions,
  InMemoryIdempotencyStore,
  InMemoryLayer,
  LayerRegistry,
  mount,
  type ProtocolGroup,
  protocolConsumer,
  protocolGroup,
  type Receiver,
  rateLimit,
  route,
  type ServerOptions,
  type Subscription,
  silentLogger,
  stack,
  urlRouter,
} from "@multichat/channels";
import { defineProtocol } from "@multichat/channels/protocol";
import { type LiveServer, liveServer } from "@multichat/channels/testing";
import { z } from "zod";

export const chat = defineProtocol({
  commands: {
    echo: { input: z.object({ text: z.string() }), reply: z.object({ text: z.string() }) },
    "user.get": { input: z.object({}), reply: z.object({ name: z.string() }) },
    "message.send": {
      input: z.object({ text: z.string(), key: z.string().optional() }),
      reply: z.object({ n: z.number() }),
    },
    wait: { input: z.object({ for: z.string() }), reply: z.object({ waited: z.string() }) },
    "sleep.inTurn": { input: z.object({ ms: z.number() }) },
    fail: { input: z.object({}) },
    "room.join": {
      input: z.object({ room: z.string(), since: z.number().optional() }),
      reply: z.object({ head: z.number(), missed: z.array(z.string()) }),
    },
    "room.leave": { input: z.object({ room: z.string() }) },
    "room.send": { input: z.object({ room: z.string(), text: z.string() }) },
    "feed.subscribe": { input: z.object({ feed: z.string() }), reply: z.object({ posts: z.number() }) },
    disconnect: { input: z.object({ code: z.number() }) },
  },
  events: {
    // With a member that replies have, too, and the number of a connection's first call in it.
    greeting: z.object({ text: z.string(), re: z.number() }),
    "message.posted": z.object({ n: z.number(), text: z.string() }),
    "feed.posted": z.object({ feed: z.string(), text: z.string() }),
    "feed.typing": z.object({ feed: z.string() }),
    "room.posted": z.object({ room: z.string(), seq: z.number(), text: z.string() }),
  },
  errors: { ROOM_ACCESS_DENIED: "You are not a member of this room.", ROOM_FULL: "The room is full." },
});

/** The events that are kept of a feed. */
export const FEED_HISTORY = 5;

/** A layer whose feeds have a history, and for which a test decides when it is read and when there was a gap. */
class FeedLayer extends InMemoryLayer {
  /** Called before the next history is read. */
  beforeHistory: (() => Promise<void>) | undefined;
  readonly #receivers = new Set<Receiver>();

  constructor() {
    super({ groupHistory: [{ group: "feed.*", history: FEED_HISTORY }] });
  }

  override async groupHistory(group: string, options?: GroupHistoryOptions): Promise<GroupHistory> {
    const { beforeHistory } = this;
    this.beforeHistory = undefined;
    await beforeHistory?.();
    return super.groupHistory(group, options);
  }

  override subscribe(channel: string, receiver: Receiver): Promise<Subscription> {
    this.#receivers.add(receiver);
    return super.subscribe(channel, receiver);
  }

  /** Reports a gap, as a layer does that has lost its server. */
  notifyGap(): void {
    const now = Date.now();
    for (const receiver of this.#receivers) receiver.layerGap({ since: now, until: now });
  }
}

/** What a test decides and sees of the commands of its servers. */
export class World {
  /** How often each message was posted. */
  readonly posts = new Map<string, number>();
  /** The names of `wait` commands that were started, and of those whose signal has fired. */
  readonly started: string[] = [];
  readonly aborted: string[] = [];
  connections = 0;
  /** What was posted to each room. */
  readonly rooms = new Map<string, string[]>();
  /** The rooms that `room.join` refuses, and how often it fails before it works. */
  readonly deniedRooms = new Set<string>();
  joinFailures = 0;
  /** How many messages are posted to the next room that is joined, before the reply. */
  eagerPosts = 0;
  /** What was asked of the rooms, in order. */
  readonly roomCommands: string[] = [];
  /** Shared by the servers of the test, as a database and a broker are. */
  readonly idempotency = new InMemoryIdempotencyStore();
  readonly layer = new FeedLayer();
  /** How often each feed was posted to. */
  readonly feeds = new Map<string, number>();
  readonly #gates = new Map<string, PromiseWithResolvers<void>>();
  #lastN = 0;

  gate(name: string): PromiseWithResolvers<void> {
    const gate = this.#gates.get(name) ?? Promise.withResolvers<void>();
    this.#gates.set(name, gate);
    return gate;
  }

  async postToFeed(feed: string, text: string): Promise<void> {
    this.feeds.set(feed, (this.feeds.get(feed) ?? 0) + 1);
    await protocolGroup(chat, this.layer, `feed.${feed}`).send("feed.posted", { feed, text });
  }

  nextN(): number {
    this.#lastN += 1;
    return this.#lastN;
  }
}

/** How many frames `/limited/ws` accepts from one connection. */
export const SERVER_RATE = { perSecond: 500, burst: 50 };

/** Serves the chat at `/ws`, and at `/limited/ws` with a rate limit. The token `expired` is refused with 401; another one is the user's name. */
export async function serveChat(world: World, options: ServerOptions = {}): Promise<LiveServer> {
  const post = async (group: ProtocolGroup<typeof chat>, room: string, text: string): Promise<void> => {
    const texts = world.rooms.get(room) ?? [];
    world.rooms.set(room, texts);
    texts.push(text);
    await group.send("room.posted", { room, seq: texts.length, text });
  };
  class ChatConsumer extends protocolConsumer(chat)<{ user: { name: string } }> {
    static override groups = ["all"];
    static override idempotency = world.idempotency;
    static override commands = commands<ChatConsumer>({
      echo: (_consumer, { text }) => ({ text }),
      "user.get": ({ scope }) => ({ name: scope.user.name }),
      "message.send": {
        idempotencyKey: ({ scope }, { key }) => (key === undefined ? undefined : `${scope.user.name} ${key}`),
        async run(consumer, { text }) {
          world.posts.set(text, (world.posts.get(text) ?? 0) + 1);
          const n = world.nextN();
          await consumer.group("all").send("message.posted", { n, text });
          return { n };
        },
      },
      wait: {
        concurrent: true,
        async run(_consumer, input, { signal }) {
          world.started.push(input.for);
          signal.addEventListener("abort", () => world.aborted.push(input.for));
          await world.gate(input.for).promise;
          return { waited: input.for };
        },
      },
      "sleep.inTurn": (_consumer, { ms }) => new Promise((resolve) => setTimeout(resolve, ms)),
      fail: (_consumer, _input, call) => {
        throw call.error("ROOM_FULL", { details: { limit: 2 } });
      },
      "room.join": async (consumer, { room, since = 0 }, call) => {
        world.roomCommands.push(`join ${room}`);
        if (world.deniedRooms.has(room)) throw call.error("ROOM_ACCESS_DENIED");
        if (world.joinFailures > 0) {
          world.joinFailures -= 1;
          throw call.error("UNAVAILABLE");
        }
        // Joins first, so that nothing falls between what is read and what follows.
        await consumer.groupAdd(`room.${room}`);
        const texts = world.rooms.get(room) ?? [];
        const reply = { head: texts.length, missed: texts.slice(since) };
        // Posted after the room was read: the event leaves before the reply.
        for (; world.eagerPosts > 0; world.eagerPosts -= 1) await post(consumer.group(`room.${room}`), room, "eager");
        return reply;
      },
      "room.leave": async (consumer, { room }) => {
        world.roomCommands.push(`leave ${room}`);
        await consumer.groupDiscard(`room.${room}`);
      },
      "room.send": async (consumer, { room, text }, call) => {
        world.roomCommands.push(`send ${room}`);
        if (!consumer.groups.has(`room.${room}`)) throw call.error("ROOM_ACCESS_DENIED");
        await post(consumer.group(`room.${room}`), room, text);
      },
      "feed.subscribe": async (_consumer, { feed }, call) => {
        world.roomCommands.push(`subscribe ${feed}`);
        await call.subscribe(`feed.${feed}`);
        return { posts: world.feeds.get(feed) ?? 0 };
      },
      disconnect: (consumer, { code }) => consumer.close(code, "as requested"),
    });

    override connect(): void {
      world.connections += 1;
      this.accept();
      this.emit("greeting", { text: `hello, ${this.scope.user.name}`, re: 1 });
    }
  }
  const layers = new LayerRegistry();
  layers.register("default", world.layer);
  const chatRoute = route("/ws", ChatConsumer);
  const limited = chain().use(rateLimit({ perConnection: SERVER_RATE }))(urlRouter([chatRoute]));
  const application = stack(
    authMiddleware((scope) => {
      const name = bearerToken(scope) ?? scope.query.get("token") ?? "anonymous";
      return name === "expired" ? undefined : { name };
    }),
  )(urlRouter([chatRoute, mount("/limited", limited)]));
  // Some commands of the tests never end, and closing would wait for them.
  const short = { closeTimeoutMs: 200, handlerGraceMs: 50 };
  return liveServer(application, { logger: silentLogger, layers, ...short, ...options });
}
