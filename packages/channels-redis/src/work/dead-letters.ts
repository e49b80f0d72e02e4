import type { LayerMessage } from "@multichat/channels/layer";
import { RedisScript } from "../connection/redis-script.ts";
import { disconnectedError } from "../layer-errors.ts";
import type { QueueConnection } from "../queue/queue-connection.ts";
import type { WorkContext } from "./work-context.ts";
import { deadLettersScript, removeDeadLetterScript } from "./work-scripts.ts";

/** A message that used up its attempts, or that no worker could read. */
export interface DeadLetter {
  /** The id by which it can be revived or dropped. */
  readonly id: string;
  /** Undefined where it could not be read. */
  readonly message: LayerMessage | undefined;
  readonly attempts: number;
  /** Why its last attempt failed. */
  readonly reason: string;
  /** Milliseconds since the epoch at which it was given up. */
  readonly at: number;
}

const listCommand = new RedisScript(deadLettersScript);
const removeCommand = new RedisScript(removeDeadLetterScript);

/** The scripts to load before a server is used. */
export const DEAD_LETTER_SCRIPTS: readonly RedisScript[] = [listCommand, removeCommand];

/** The length of the unique prefix of a queued message, which identifies it. */
const ID_BYTES = 12;

/** A dead letter as the server returns it. */
interface StoredDeadLetter {
  readonly bytes: Buffer;
  readonly at: number;
  readonly attemptsAndReason: string;
}

/** The dead letters of a queue layer's channels. */
export class DeadLetters {
  readonly #context: WorkContext;

  constructor(context: WorkContext) {
    this.#context = context;
  }

  /** Returns the newest dead letters of a channel, newest first. */
  async list(channel: string, limit: number): Promise<readonly DeadLetter[]> {
    const letters: DeadLetter[] = [];
    for (const connection of this.#context.connections) {
      for (const { bytes, at, attemptsAndReason } of await this.#read(connection, channel, limit)) {
        const space = attemptsAndReason.indexOf(" ");
        letters.push({
          id: idOf(bytes),
          message: this.#context.codec.decode(bytes),
          attempts: Number(attemptsAndReason.slice(0, space)),
          reason: attemptsAndReason.slice(space + 1),
          at,
        });
      }
    }
    return letters.toSorted((a, b) => b.at - a.at).slice(0, limit);
  }

  /** Removes dead letters, and revives their messages if asked to. @returns how many of them existed. */
  async remove(channel: string, ids: readonly string[], { revive }: { readonly revive: boolean }): Promise<number> {
    const { options, keys, connections } = this.#context;
    const idSet = new Set(ids);
    let count = 0;
    for (const connection of connections) {
      for (const { bytes } of await this.#read(connection, channel, options.maxDeadLetters)) {
        if (!idSet.has(idOf(bytes))) continue;
        const removed = await runWhenReady(connection, () =>
          removeCommand.run(connection.commands.corked, keys.work(channel), [
            bytes,
            revive ? "revive" : "drop",
            Math.ceil(options.keepMs / 1_000),
            keys.workTopic(channel),
          ]),
        );
        if (removed === 1) count += 1;
      }
    }
    return count;
  }

  async #read(connection: QueueConnection, channel: string, limit: number): Promise<readonly StoredDeadLetter[]> {
    const [, , , , letters, reasons] = this.#context.keys.work(channel);
    const reply = (await runWhenReady(connection, () =>
      listCommand.run(connection.commands.corked, [letters ?? "", reasons ?? ""], [limit]),
    )) as Buffer[];
    const stored: StoredDeadLetter[] = [];
    for (let index = 0; index + 2 < reply.length; index += 3) {
      const [bytes, at, attemptsAndReason] = reply.slice(index, index + 3);
      if (bytes === undefined) continue;
      stored.push({ bytes, at: Number(at), attemptsAndReason: String(attemptsAndReason) });
    }
    return stored;
  }
}

function idOf(bytes: Buffer): string {
  return bytes.subarray(0, ID_BYTES).toString("hex");
}

async function runWhenReady<T>(connection: QueueConnection, command: () => Promise<T>): Promise<T> {
  try {
    await connection.ready();
    return await command();
  } catch (error) {
    throw disconnectedError(error);
  }
}
