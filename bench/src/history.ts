import { parseArgs } from "node:util";
import type { ChannelLayer } from "@multichat/channels";
import { RedisPubSubLayer, RedisQueueLayer } from "@multichat/channels-redis";
import { startRedis } from "./layers/processes.ts";
import { integerOption, parseOrExit } from "./report/options.ts";

const { values } = parseOrExit(() =>
  parseArgs({
    options: {
      seconds: { type: "string", default: "3" },
      members: { type: "string", default: "3" },
      "in-flight": { type: "string", default: "64" },
      help: { type: "boolean", default: false },
    },
  }),
);

if (values.help) {
  console.log(
    [
      "npm run build && npm run bench:history -- [--seconds 3] [--members 3] [--in-flight 64]",
      "",
      "Measures how many events a second one process sends to one group whose history is kept, on a Redis of its own. Each member is on",
      "a layer of its own, as in a process of its own, but all share this process. Compare the runs of one machine.",
      "",
      "--seconds    of each run; from 1 to 600",
      "--members    that receive each event; from 1 to 100",
      "--in-flight  sends that wait for their position at once; from 1 to 1000",
    ].join("\n"),
  );
  process.exit(0);
}

const seconds = parseOrExit(() => integerOption("seconds", values.seconds, 1, 600));
const members = parseOrExit(() => integerOption("members", values.members, 1, 100));
const inFlight = parseOrExit(() => integerOption("in-flight", values["in-flight"], 1, 1_000));

const redis = await startRedis();
for (const [name, Layer] of [
  ["pubsub", RedisPubSubLayer],
  ["queue", RedisQueueLayer],
] as const) {
  for (const history of [0, 100]) {
    const layers = Array.from(
      { length: members + 1 },
      () => new Layer({ hosts: [redis.url], prefix: `history.${name}.${history}`, history }),
    );
    const [sender, ...receivers] = layers;
    if (sender === undefined) throw new Error("Expected a layer.");
    let received = 0;
    for (const layer of receivers) {
      const channel = layer.newChannel();
      const deliver = () => {
        received += 1;
        return true;
      };
      await layer.subscribe(channel, { deliver, layerGap: () => {} });
      await layer.groupAdd("room", channel);
    }
    const sent = await sendFor(sender, seconds * 1_000);
    const rate = Math.round(sent / seconds);
    const label = history === 0 ? "no history " : `history ${history}`;
    const share = Math.round((100 * received) / (sent * members));
    console.log(
      `${name.padEnd(7)} ${label}  ${rate.toLocaleString("en").padStart(7)} sends/s, ${share}% received by the end`,
    );
    await Promise.all(layers.map((layer) => layer.close()));
  }
}
await redis.stop();

/** Keeps the sends in flight, and returns how many were completed. */
async function sendFor(layer: ChannelLayer, ms: number): Promise<number> {
  const end = performance.now() + ms;
  let sent = 0;
  const sendOn = async () => {
    while (performance.now() < end) {
      await layer.groupSend("room", { type: "room.said", text: "x".repeat(100) });
      sent += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, sendOn));
  return sent;
}
