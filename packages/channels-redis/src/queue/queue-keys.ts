/** Where a channel's messages lie: a process's channels share one queue, named up to the `!`. */
export function queueOf(channel: string): string {
  const local = channel.indexOf("!");
  return local === -1 ? channel : channel.slice(0, local + 1);
}

/** The members of a group, by the place where their messages lie. */
export function groupByQueue(members: readonly Buffer[]): Map<string, string[]> {
  const places = new Map<string, string[]>();
  for (const bytes of members) {
    const channel = bytes.toString();
    const place = queueOf(channel);
    const there = places.get(place);
    if (there === undefined) places.set(place, [channel]);
    else there.push(channel);
  }
  return places;
}

/** For which channels a message is that lay in a place: those that it names, else the place itself. */
export function recipientsOf(named: unknown, place: string): readonly string[] {
  if (typeof named === "string") return [named];
  if (Array.isArray(named)) return named.filter((channel) => typeof channel === "string");
  return [place];
}

/** Milliseconds as the seconds, with a fraction, that channels_redis writes. */
export function toSeconds(ms: number): string {
  return (ms / 1_000).toFixed(6);
}
