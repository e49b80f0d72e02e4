import { setTimeout as wait } from "node:timers/promises";
import { interruption } from "../report/interruption.ts";
import { hundredths, spread } from "../report/quantile.ts";
import { startContestant } from "./contestants.ts";
import { Herd } from "./herd.ts";
import type { HerdConnection } from "./herd-connection.ts";
import type { Contestant, JitterPlan, Measurement, Phase } from "./plan.ts";

/** Milliseconds of steady sending before the first drop. */
const WARM_UP_MS = 2_000;

/** One server and its herd, from start to end: the phases one after another, on the same connections. */
export async function measure(
  contestant: Contestant,
  plan: JitterPlan,
  phases: readonly Phase[],
  signal: AbortSignal,
): Promise<readonly Measurement[]> {
  const subject = await startContestant(contestant, plan);
  const herd = new Herd(subject, plan);
  const work = async (): Promise<readonly Measurement[]> => {
    await herd.open();
    const measurements: Measurement[] = [];
    for (const phase of phases) {
      const before = { ...totals(herd.connections), posted: herd.posted, expected: herd.expected };
      const cpuBefore = (await subject.usage()).cpuMicros;
      herd.send();
      await wait(WARM_UP_MS);
      await herd.disturb(phase);
      await wait(WARM_UP_MS);
      herd.stopSending();
      await herd.settle();
      const { cpuMicros, rssBytes } = await subject.usage();
      const after = totals(herd.connections);
      const expected = herd.expected - before.expected;
      const returns = herd.connections.flatMap(({ current }) => current ?? []);
      const level = returns.flatMap(({ networkAt, openAt, levelAt }) =>
        openAt === undefined || levelAt === undefined ? [] : [{ catchUp: levelAt - openAt, back: levelAt - networkAt }],
      );
      const whole = herd.connections.filter((connection) => herd.isWhole(connection)).length;
      const catchUps = level.map(({ catchUp }) => catchUp);
      measurements.push({
        contestant,
        phase,
        posted: herd.posted - before.posted,
        expected,
        delivered: after.received - before.received,
        doubled: after.doubled - before.doubled,
        neverLevel: herd.connections.length - whole,
        catchUpMs: spread(catchUps),
        backMs: spread(level.map(({ back }) => back)),
        serverCpuMs: (cpuMicros - cpuBefore) / 1_000,
        serverRssBytes: rssBytes,
        catchUpHundredths: hundredths(catchUps),
      });
      herd.forgive();
    }
    return measurements;
  };
  try {
    return await Promise.race([work(), interruption(signal)]);
  } finally {
    herd.close();
    await subject.stop();
  }
}

function totals(connections: readonly HerdConnection[]): { readonly received: number; readonly doubled: number } {
  return {
    received: connections.reduce((sum, { tally }) => sum + tally.received, 0),
    doubled: connections.reduce((sum, { tally }) => sum + tally.doubled, 0),
  };
}
