import { duration } from "../report/quantile.ts";
import { table } from "../report/table.ts";
import type { ChaosResult } from "./result.ts";

/** The counts, and beside them what was found. */
export function chaosTable(result: ChaosResult): string {
  const { plan, network, counts, changes, comingBackMs } = result;
  const { cuts } = network;
  const all = cuts["between-frames"] + cuts["mid-frame"] + cuts["after-asking"];
  const n = (value: number) => value.toLocaleString("en");
  return table(
    ["what", "count"],
    [
      ["clients, rooms, minutes", `${n(plan.clients)}, ${plan.rooms}, ${plan.minutes}`],
      ["messages sent", n(result.sent)],
      ["acknowledged", n(result.acknowledged)],
      ["in the database", n(result.posted)],
      ["edits, deletions, reactions acknowledged", n(changes.acknowledged)],
      ["refused, given up", `${n(changes.refused)}, ${n(changes.unknown)}`],
      ["events in the rooms' logs", n(result.logged)],
      ["events told to clients", n(result.deliveries)],
      ["connections made", n(network.connections)],
      ["connections cut", n(all)],
      ["in the middle of a frame", n(cuts["mid-frame"])],
      ["between a command and its reply", n(cuts["after-asking"])],
      ["stalled, fallen silent", `${n(network.stalls)}, ${n(network.silences)}`],
      ["kill -9 of the server", n(result.kills)],
      ["times a client was level again", n(comingBackMs.count)],
      ["after which time: p50, p99", `${duration(comingBackMs.p50)}, ${duration(comingBackMs.p99)}`],
      ["rooms begun afresh", n(result.resets)],
      ["lost", n(counts.lost)],
      ["doubled", n(counts.doubled)],
      ["out of order", n(counts.disordered)],
      ["other than in the database", n(counts.different)],
    ],
  );
}

/** What was found, for the one who looks for its cause. */
export function chaosEvidence({ evidence, behind, keptIn, plan, refusals }: ChaosResult): string {
  return [
    ...behind,
    ...evidence.map(({ kind, client, room, what }) => `${kind}: ${client ?? "the database"}, room ${room}: ${what}`),
    `Changes that were not acknowledged: ${JSON.stringify(refusals)}`,
    `The database and the evidence are in ${keptIn}. The same plan again: npm run chaos -- --seed ${plan.seed}`,
  ].join("\n");
}
