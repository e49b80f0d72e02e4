/** The names of a queue layer's keys and topics on the server. */
export class QueueKeys {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  queue(name: string): string {
    return this.#prefix + name;
  }

  queueName(key: string): string {
    return key.slice(this.#prefix.length);
  }

  group(group: string): string {
    return `${this.#prefix}:group:${group}`;
  }

  /** The keys of a group's history, in the order that the scripts expect. */
  history(group: string): readonly string[] {
    return [`${this.#prefix}:numbering:${group}`, `${this.#prefix}:history:${group}`];
  }

  /** The keys of a channel's acknowledged work, in the order that the scripts expect. */
  work(channel: string): readonly string[] {
    const kinds = ["claims", "waiting", "tries", "dead", "reasons"];
    return [this.queue(channel), ...kinds.map((kind) => this.#workKey(channel, kind))];
  }

  /** The messages of a channel that wait for a retry. */
  retries(channel: string): string {
    return this.#workKey(channel, "waiting");
  }

  /** The topic that announces new work on a channel. */
  workTopic(channel: string): string {
    return `${this.#prefix}:work:${channel}`;
  }

  /** The pattern that matches every key of the layer. */
  get pattern(): string {
    return `${this.#prefix.replace(/[*?[\]\\]/g, "\\$&")}*`;
  }

  #workKey(channel: string, kind: string): string {
    return `${this.#prefix}:work:${kind}:${channel}`;
  }
}

/** Returns the queue of a channel: all channels of a process share one, named up to the `!`. */
export function queueOf(channel: string): string {
  const local = channel.indexOf("!");
  return local === -1 ? channel : channel.slice(0, local + 1);
}

/** Groups the members of a group by their queue, without the excepted one. */
export function groupByQueue(members: readonly Buffer[], except: string | undefined): Map<string, string[]> {
  const queues = new Map<string, string[]>();
  for (const bytes of members) {
    const channel = bytes.toString();
    if (channel === except) continue;
    const queue = queueOf(channel);
    const channels = queues.get(queue);
    if (channels === undefined) queues.set(queue, [channel]);
    else channels.push(channel);
  }
  return queues;
}

/**
 * Returns the channels that a queued message is for: those of this queue that it names, or else the queue itself. A message
 * cannot name a channel of another queue: it would be put back here forever.
 */
export function recipientsOf(named: unknown, queue: string): readonly string[] {
  if (named === undefined) return [queue];
  const names: readonly unknown[] = Array.isArray(named) ? named : [named];
  return names.filter((name): name is string => typeof name === "string" && queueOf(name) === queue);
}

/** Converts milliseconds to seconds with a fraction, as channels_redis writes them. */
export function toSeconds(ms: number): string {
  return (ms / 1_000).toFixed(6);
}
