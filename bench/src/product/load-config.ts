import type { Step } from "./plan.ts";
import type { Wire } from "./wires.ts";

export interface LoadSettings {
  readonly port: number;
  readonly step: Step;
  readonly wire: Wire;
  /** A bearer token for each member, of a server that wants one. */
  readonly tokens: readonly string[];
}

/** Members among which one is timed: reading the time of every message would cost the client a tenth of its core. */
const MEMBERS_PER_TIMED = 10;

/** Formats the configuration of the load client, which reads lines of a key and a value. */
export function loadConfig({ port, step, wire, tokens }: LoadSettings): string {
  const { path, header, steps, message, delivery, marker, refusal, ping, pong, hasLines } = wire;
  const lines: readonly (readonly [key: string, value: string | number | undefined])[] = [
    ["port", port],
    ["members", step.members],
    ["senders", step.senders],
    ["rooms", step.rooms],
    ["rate", step.rate],
    ["warm-up-ms", step.warmUpMs],
    ["measure-ms", step.measureMs],
    ["sample-every", step.members < 100 ? 1 : MEMBERS_PER_TIMED],
    ["path", path],
    ["header", header],
    ...steps.map((item) => ("say" in item ? (["say", item.say] as const) : (["await", item.await] as const))),
    ["message", message],
    ["delivery", delivery],
    ["marker", marker],
    ["refusal", refusal],
    ["ping", ping],
    ["pong", pong],
    ["lines", hasLines === true ? 1 : 0],
    ...tokens.map((token) => ["token", token] as const),
  ];
  const given = lines.filter(([, value]) => value !== undefined);
  return `${given.map(([key, value]) => `${key} ${value}`).join("\n")}\nrun\n`;
}
