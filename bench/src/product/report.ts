import { formatSpread, type Spread, spreadOf } from "../report/spread.ts";
import { formatTable } from "../report/table.ts";
import { type Sample, SUBJECTS, type Subject } from "./plan.ts";

/** What the rounds of one subject under one load have in common. */
export interface Row {
  readonly subject: Subject;
  readonly rate: number;
  readonly members: number;
  readonly rooms: number;
  readonly senders: number;
  readonly deliveriesPerSecond: Spread;
  /** The share of the deliveries that the messages due would have made. */
  readonly deliveredShare: number;
  readonly cpuMicrosPerDelivery: Spread;
  /** What the server and the client used of their cores. */
  readonly serverCpuShare: number;
  readonly clientCpuShare: number;
  /** What was used of those cores, by whatever ran on them. */
  readonly serverCoreBusy: number;
  readonly clientCoreBusy: number;
  readonly p50Ms: Spread;
  readonly p99Ms: Spread;
  readonly bytesPerDelivery: number;
  readonly instructionsPerDelivery: number | null;
  readonly rssBytes: number;
  /** Connections that the server closed, and messages that it refused, in all rounds. */
  readonly closed: number;
  readonly refused: number;
  readonly limit: Limit;
}

/** What kept a server from delivering more. */
export type Limit = "nothing" | "server core" | "client core" | "disk" | "other programs";

/** A server that delivers this share of what was due is not at a limit: rounds do not begin and end with a message. */
const DELIVERED_SHARE = 0.97;
/** A core that is busy for this share of the time is full: the rest is the measurement's. */
const FULL_SHARE = 0.93;
/** More than this of a core that is used by neither the server nor the client is other programs'. The kernel uses some. */
const MAX_KERNEL_SHARE = 0.15;

/** Sums up the rounds of each subject and load, in the order of the loads. */
export function rowsOf(samples: readonly Sample[]): readonly Row[] {
  const groups = Map.groupBy(samples, ({ subject, rate, members, rooms }) => `${subject} ${rate} ${members} ${rooms}`);
  return [...groups.values()]
    .map(toRow)
    .sort(
      (a, b) =>
        a.members - b.members ||
        a.rooms - b.rooms ||
        a.rate - b.rate ||
        SUBJECTS.indexOf(a.subject) - SUBJECTS.indexOf(b.subject),
    );
}

function toRow(samples: readonly Sample[]): Row {
  const [first] = samples;
  if (first === undefined) throw new Error("Expected at least one round.");
  const { subject, rate, members, rooms, senders } = first;
  const spread = (value: (sample: Sample) => number): Spread => spreadOf(samples.map(value));
  const sum = (value: (sample: Sample) => number): number =>
    samples.reduce((total, sample) => total + value(sample), 0);
  const deliveriesPerSecond = spread(({ load }) => (load.deliveries / load.elapsedMs) * 1_000);
  const deliveredShare = deliveriesPerSecond.median / (rate * (members / rooms));
  const serverCpuShare = spread(({ serverCpuMicros, load }) => serverCpuMicros / 1_000 / load.elapsedMs).median;
  const clientCpuShare = spread(({ load }) => load.cpuMicros / 1_000 / load.elapsedMs).median;
  const serverCoreBusy = spread((sample) => sample.serverCoreBusy).median;
  const clientCoreBusy = spread((sample) => sample.clientCoreBusy).median;
  const instructions = samples.flatMap(({ serverInstructions, load }) =>
    serverInstructions === null ? [] : [serverInstructions / load.deliveries],
  );
  return {
    subject,
    rate,
    members,
    rooms,
    senders,
    deliveriesPerSecond,
    deliveredShare,
    cpuMicrosPerDelivery: spread(({ serverCpuMicros, load }) => serverCpuMicros / load.deliveries),
    serverCpuShare,
    clientCpuShare,
    serverCoreBusy,
    clientCoreBusy,
    p50Ms: spread(({ load }) => load.p50Ms),
    p99Ms: spread(({ load }) => load.p99Ms),
    bytesPerDelivery: sum(({ load }) => load.bytes) / sum(({ load }) => load.deliveries),
    instructionsPerDelivery: instructions.length === 0 ? null : spreadOf(instructions).median,
    rssBytes: spread(({ rssBytes }) => rssBytes).median,
    closed: sum(({ load }) => load.closed),
    refused: sum(({ load }) => load.refused),
    limit: limitOf({ deliveredShare, serverCpuShare, clientCpuShare, serverCoreBusy, clientCoreBusy }),
  };
}

/** Names what was full where not everything was delivered: neither core being full, the server waited for the disk. */
export function limitOf({
  deliveredShare,
  serverCpuShare,
  clientCpuShare,
  serverCoreBusy,
  clientCoreBusy,
}: Pick<Row, "deliveredShare" | "serverCpuShare" | "clientCpuShare" | "serverCoreBusy" | "clientCoreBusy">): Limit {
  if (deliveredShare >= DELIVERED_SHARE) return "nothing";
  if (serverCoreBusy >= FULL_SHARE)
    return serverCoreBusy - serverCpuShare > MAX_KERNEL_SHARE ? "other programs" : "server core";
  if (clientCoreBusy >= FULL_SHARE)
    return clientCoreBusy - clientCpuShare > MAX_KERNEL_SHARE ? "other programs" : "client core";
  return "disk";
}

const TITLES = [
  "messages/s",
  "subject",
  "deliveries/s",
  "of those due",
  "CPU us/delivery",
  "server core",
  "client core",
  "p50 ms",
  "p99 ms",
  "bytes",
  "RSS MB",
  "disconnected",
  "limited by",
];

/** Formats the rows of one number of members as a Markdown table. */
export function productTable(rows: readonly Row[]): string {
  const percent = (share: number): string => `${Math.round(share * 100)} %`;
  return formatTable(
    TITLES,
    rows.map((row) => [
      row.rate.toLocaleString("en"),
      row.subject,
      formatSpread(row.deliveriesPerSecond, (value) => Math.round(value).toLocaleString("en")),
      percent(row.deliveredShare),
      formatSpread(row.cpuMicrosPerDelivery, (value) => value.toFixed(2)),
      percent(row.serverCpuShare),
      percent(row.clientCpuShare),
      formatSpread(row.p50Ms, (value) => value.toFixed(1)),
      formatSpread(row.p99Ms, (value) => value.toFixed(1)),
      String(Math.round(row.bytesPerDelivery)),
      String(Math.round(row.rssBytes / 1e6)),
      row.refused === 0 ? String(row.closed) : `${row.closed}, ${row.refused} refused`,
      row.limit,
    ]),
  );
}

/** Compares the chat with the others in the numbers that it is to reach. */
export function productSummaries(rows: readonly Row[], syncMs: Spread): readonly string[] {
  const lines: string[] = [];
  const rowsOfSubject = (subject: Subject) => rows.filter((row) => row.subject === subject);
  const best = (subject: Subject) =>
    Math.max(0, ...rowsOfSubject(subject).map((row) => row.deliveriesPerSecond.median));
  const own = rowsOfSubject("multichat");
  if (own.length === 0) return lines;
  for (const other of SUBJECTS) {
    if (other === "multichat" || best(other) === 0) continue;
    const ratio = (best("multichat") / best(other)).toFixed(2);
    lines.push(
      `Highest deliveries/s: multichat ${Math.round(best("multichat")).toLocaleString("en")}, ${ratio} times that of ${other}.`,
    );
  }
  for (const rate of [20, 100]) {
    const at = (subject: Subject) => rowsOfSubject(subject).find((row) => row.rate === rate);
    const [chat, centrifugo, socketIo] = [at("multichat"), at("centrifugo"), at("socket.io")];
    if (chat === undefined) continue;
    if (centrifugo !== undefined) {
      const ratio = (chat.cpuMicrosPerDelivery.median / centrifugo.cpuMicrosPerDelivery.median).toFixed(2);
      lines.push(`CPU per delivery at ${rate} messages/s: multichat uses ${ratio} times that of centrifugo.`);
    }
    if (socketIo !== undefined) {
      const [own99, their99] = [chat.p99Ms.median.toFixed(1), socketIo.p99Ms.median.toFixed(1)];
      lines.push(
        `p99 at ${rate} messages/s: multichat ${own99} ms, socket.io ${their99} ms; a sync of the disk took ${formatSpread(syncMs, (ms) => ms.toFixed(1))} ms (p99).`,
      );
    }
  }
  const at2000 = own.find((row) => row.rate === 2_000);
  if (at2000 !== undefined) lines.push(`p99 at 2,000 messages/s: multichat ${at2000.p99Ms.median.toFixed(1)} ms.`);
  const closed = own.reduce((sum, row) => sum + row.closed, 0);
  lines.push(`Connections that multichat closed: ${closed}.`);
  return lines;
}
