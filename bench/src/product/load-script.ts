/** The configuration of the load client, as `loadConfig` formats it. */
export interface LoadScript {
  readonly port: number;
  readonly members: number;
  readonly senders: number;
  readonly rooms: number;
  readonly sampleEvery: number;
  readonly rate: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly path: string;
  readonly header: string;
  readonly steps: readonly { readonly isSend: boolean; readonly text: string }[];
  readonly message: string;
  readonly delivery: string;
  readonly marker: string;
  readonly refusal: string;
  readonly ping: string;
  readonly pong: string;
  readonly hasLines: boolean;
  readonly tokens: readonly string[];
}

const TIME_DIGITS = 16;

/** Parses lines of a key and a value, up to "run". @throws for a line without a value */
export function parseLoadConfig(config: string): LoadScript {
  const values = new Map<string, string>();
  const steps: { isSend: boolean; text: string }[] = [];
  const tokens: string[] = [];
  for (const line of config.split("\n")) {
    if (line === "run") break;
    const space = line.indexOf(" ");
    if (space === -1) throw new Error(`Expected a key and a value, got ${JSON.stringify(line)}.`);
    const [key, value] = [line.slice(0, space), line.slice(space + 1)];
    if (key === "say" || key === "await") steps.push({ isSend: key === "say", text: value });
    else if (key === "token") tokens.push(value);
    else values.set(key, value);
  }
  const text = (key: string): string => values.get(key) ?? "";
  const number = (key: string, missing: number): number => Number(values.get(key) ?? missing);
  return {
    port: number("port", 0),
    members: number("members", 1),
    senders: Math.min(number("senders", 1), number("members", 1)),
    rooms: number("rooms", 1),
    sampleEvery: number("sample-every", 1),
    rate: number("rate", 0),
    warmUpMs: number("warm-up-ms", 0),
    measureMs: number("measure-ms", 0),
    path: text("path"),
    header: text("header"),
    steps,
    message: text("message"),
    delivery: text("delivery"),
    marker: text("marker"),
    refusal: text("refusal"),
    ping: text("ping"),
    pong: text("pong"),
    hasLines: text("lines") === "1",
    tokens,
  };
}

export interface Placeholders {
  readonly index: number;
  readonly n: number;
  readonly dueNs: bigint;
}

/** Replaces the placeholders of a text; bench/client/config.c lists them. */
export function expandText(text: string, { rooms, tokens }: LoadScript, { index, n, dueNs }: Placeholders): string {
  return text.replace(/%[A-Z]/g, (placeholder) => {
    switch (placeholder) {
      case "%T":
        return String(dueNs).padStart(TIME_DIGITS, "0");
      case "%N":
        return String(n);
      case "%R":
        return String(1 + (index % rooms));
      case "%M":
        return String(index);
      case "%K":
        return tokens[index % tokens.length] ?? "";
      case "%U":
        return uuidOf(n);
      default:
        throw new Error(`Unknown placeholder ${placeholder}.`);
    }
  });
}

/** Returns the time that follows the marker in a message, in nanoseconds; undefined without one. */
export function dueTimeIn(buffer: Buffer, { marker }: LoadScript): number | undefined {
  const at = buffer.indexOf(marker);
  if (at === -1 || at + marker.length + TIME_DIGITS > buffer.length) return undefined;
  return Number(buffer.toString("latin1", at + marker.length, at + marker.length + TIME_DIGITS));
}

function uuidOf(n: number): string {
  const hex = (value: number, size: number): string => value.toString(16).padStart(size, "0");
  return `0190${hex((n >>> 16) & 0xffff, 4)}-${hex(n & 0xffff, 4)}-7000-8000-${hex(n, 12)}`;
}
