import { formatDuration } from "../report/quantile.ts";
import { formatTable } from "../report/table.ts";
import { totalCuts } from "./network/bad-network.ts";
import type { ChaosResult } from "./result.ts";

/** Formats the counts of a run and the findings of its audit. */
export function chaosTable(result: ChaosResult): string {
  const { plan, network, counts, changes, catchUpMs } = result;
  const { cuts } = network;
  const n = (value: number) => value.toLocaleString("en");
  return formatTable(
    ["measure", "count"],
    [
      ["clients, rooms, minutes", `${n(plan.clients)}, ${plan.rooms}, ${plan.minutes}`],
      ...(plan.servers > 1 ? [["servers on PostgreSQL and Redis", n(plan.servers)]] : []),
      ["messages sent", n(result.sent)],
      ["acknowledged", n(result.acknowledged)],
      ["in the database", n(result.posted)],
      ["edits, deletions, reactions acknowledged", n(changes.acknowledged)],
      ["refused, timed out", `${n(changes.refused)}, ${n(changes.unknown)}`],
      ["events in the rooms' logs", n(result.logged)],
      ["events delivered to clients", n(result.deliveries)],
      ["connections opened", n(network.connections)],
      ["connections cut", n(totalCuts(network))],
      ["in the middle of a frame", n(cuts["mid-frame"])],
      ["between a command and its reply", n(cuts["before-reply"])],
      ["stalled, silenced", `${n(network.stalls)}, ${n(network.silences)}`],
      ...Object.entries(result.faults).map(([title, count]) => [title, n(count)]),
      ["times a client caught up", n(catchUpMs.count)],
      ["time to catch up: p50, p99", `${formatDuration(catchUpMs.p50)}, ${formatDuration(catchUpMs.p99)}`],
      ["rooms reset", n(result.resets)],
      ["lost", n(counts.lost)],
      ["duplicated", n(counts.duplicated)],
      ["out of order", n(counts.outOfOrder)],
      ["different from the database", n(counts.different)],
    ],
  );
}

/** Formats the evidence for finding the cause of a failed run. */
export function chaosEvidence({ evidence, behind, evidenceFolder, plan, refusals }: ChaosResult): string {
  return [
    ...behind,
    ...evidence.map(
      ({ kind, client, room, detail }) => `${kind}: ${client ?? "the database"}, room ${room}: ${detail}`,
    ),
    `Changes that were not acknowledged: ${JSON.stringify(refusals)}`,
    `The database and the evidence are in ${evidenceFolder}. To repeat the plan: npm run chaos -- --servers ${plan.servers} --seed ${plan.seed}`,
  ].join("\n");
}
