import { checkChannelName, type LayerMessage } from "@multichat/channels/layer";
import { Hearer } from "./hearer.ts";
import type { LinkTiming } from "./heartbeat.ts";
import type { RedisHost } from "./hosts.ts";
import { disconnected } from "./layer-errors.ts";
import type { QueueLink } from "./queue-link.ts";
import { RedisScript } from "./redis-script.ts";
import { type ClaimedMessage, claim, renewClaims, settle, WorkChannel, type WorkContext } from "./work-channel.ts";
import { deadScript, undeadScript } from "./work-scripts.ts";

/** A message that had its tries, or that nobody could read. */
export interface DeadLetter {
  /** By which it can be put back or taken away. */
  readonly id: string;
  /** Undefined where it could not be read. */
  readonly message: LayerMessage | undefined;
  readonly attempts: number;
  /** Why its last try failed. */
  readonly reason: string;
  /** Milliseconds since the epoch at which it was given up. */
  readonly at: number;
}

const dead = new RedisScript(deadScript);
const undead = new RedisScript(undeadScript);

/** What a link must know before acknowledged work can be done. */
export const workScripts: readonly RedisScript[] = [claim, settle, renewClaims, dead, undead];

/** Bytes at the beginning of a queued message that no other has. */
const idBytes = 12;
/** Channels beyond which those that nobody works on are forgotten. */
const mostIdle = 1_000;

/** Acknowledged work on the channels of one queue layer. */
export class WorkQueue {
  readonly #context: WorkContext;
  readonly #hosts: readonly RedisHost[];
  readonly #timing: LinkTiming;
  readonly #channels = new Map<string, WorkChannel>();
  /** Hears of new messages; opened by the first who waits for one, as most processes never do. */
  #hearers: readonly Hearer[] = [];
  #closed = false;

  constructor(context: WorkContext, hosts: readonly RedisHost[], timing: LinkTiming) {
    this.#context = context;
    this.#hosts = hosts;
    this.#timing = timing;
  }

  async take(channel: string, signal?: AbortSignal): Promise<ClaimedMessage> {
    checkChannelName(channel);
    return await this.#channel(channel).take(signal);
  }

  async deadLetters(channel: string, limit: number): Promise<readonly DeadLetter[]> {
    checkChannelName(channel);
    const letters: DeadLetter[] = [];
    for (const link of this.#context.links) {
      for (const { bytes, at, why } of await this.#dead(link, channel, limit)) {
        const space = why.indexOf(" ");
        letters.push({
          id: idOf(bytes),
          message: this.#context.codec.decode(bytes),
          attempts: Number(why.slice(0, space)),
          reason: why.slice(space + 1),
          at,
        });
      }
    }
    return letters.toSorted((one, other) => other.at - one.at).slice(0, limit);
  }

  /** @returns how many of them there were. */
  async endDeath(channel: string, ids: readonly string[], how: "back" | "away"): Promise<number> {
    checkChannelName(channel);
    const { options, keysOf, topicOf, links } = this.#context;
    const wanted = new Set(ids);
    let found = 0;
    for (const link of links) {
      for (const { bytes } of await this.#dead(link, channel, options.maxDeadLetters)) {
        if (!wanted.has(idOf(bytes))) continue;
        const done = await atServer(link, () =>
          undead.run(link.speaker.writing, keysOf(channel), [
            bytes,
            how,
            Math.ceil(options.keepMs / 1_000),
            topicOf(channel),
          ]),
        );
        if (done === 1) found += 1;
      }
    }
    return found;
  }

  close(error: Error): void {
    this.#closed = true;
    for (const hearer of this.#hearers) hearer.close();
    for (const channel of this.#channels.values()) channel.close(error);
    this.#channels.clear();
  }

  #channel(name: string): WorkChannel {
    let channel = this.#channels.get(name);
    if (channel !== undefined) return channel;
    if (this.#channels.size >= mostIdle) this.#forgetIdle();
    channel = new WorkChannel(name, this.#context);
    this.#channels.set(name, channel);
    if (this.#hearers.length === 0 && !this.#closed) this.#hearers = this.#hosts.map((host) => this.#hearer(host));
    for (const hearer of this.#hearers) {
      // Without its word, new messages are found a moment later by looking.
      hearer.subscribe(this.#context.topicOf(name)).catch((error: unknown) => this.#context.onError(error, name));
    }
    return channel;
  }

  #forgetIdle(): void {
    for (const [name, channel] of this.#channels) {
      if (!channel.idle) continue;
      this.#channels.delete(name);
      for (const hearer of this.#hearers) hearer.unsubscribe(this.#context.topicOf(name));
    }
  }

  #hearer(host: RedisHost): Hearer {
    const wakeAll = () => {
      for (const channel of this.#channels.values()) channel.wake();
    };
    const beginning = this.#context.topicOf("");
    return new Hearer(
      host,
      {
        message: (topic) => this.#channels.get(topic.slice(beginning.length))?.wake(),
        whole: wakeAll,
        failed: () => undefined,
        refused: (topic, error) => this.#context.onError(error, topic.slice(beginning.length)),
      },
      this.#timing,
    );
  }

  async #dead(link: QueueLink, channel: string, limit: number): Promise<readonly Dead[]> {
    const [, , , , letters, reasons] = this.#context.keysOf(channel);
    const reply = (await atServer(link, () =>
      dead.run(link.speaker.writing, [letters ?? "", reasons ?? ""], [limit]),
    )) as Buffer[];
    const found: Dead[] = [];
    for (let at = 0; at + 2 < reply.length; at += 3) {
      const [bytes, time, why] = reply.slice(at, at + 3);
      if (bytes !== undefined) found.push({ bytes, at: Number(time), why: String(why) });
    }
    return found;
  }
}

interface Dead {
  readonly bytes: Buffer;
  readonly at: number;
  readonly why: string;
}

function idOf(bytes: Buffer): string {
  return bytes.subarray(0, idBytes).toString("hex");
}

async function atServer<T>(link: QueueLink, command: () => Promise<T>): Promise<T> {
  try {
    await link.ready();
    return await command();
  } catch (error) {
    throw disconnected(error);
  }
}
