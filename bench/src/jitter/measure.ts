import { setTimeout as wait } from "node:timers/promises";
import { interruption } from "../report/interruption.ts";
import { hundredths, spread } from "../report/quantile.ts";
import { startContestant } from "./contestants.ts";
import { Herd } from "./herd.ts";
import type { Contestant, JitterPlan, Measurement, Phase } from "./plan.ts";

/** Milliseconds of steady sending before the first drop, and after the last has had its time to come back. */
const STEADY_MS = 2_000;

/** One server, its herd and one phase, from start to end. */
export async function measure(
  contestant: Contestant,
  plan: JitterPlan,
  phase: Phase,
  signal: AbortSignal,
): Promise<Measurement> {
  const subject = await startContestant(contestant, plan);
  const herd = new Herd(subject, plan);
  const work = async (): Promise<Measurement> => {
    await herd.open();
    const { cpuMicros: cpuBefore } = await subject.usage();
    herd.send();
    await wait(STEADY_MS);
    await herd.disturb(phase);
    await wait(STEADY_MS);
    herd.stopSending();
    await herd.settle();
    const { cpuMicros, rssBytes } = await subject.usage();
    const { connections } = herd;
    const returns = connections.flatMap(({ current }) => current ?? []);
    const level = returns.flatMap(({ networkAt, openAt, levelAt }) =>
      openAt === undefined || levelAt === undefined ? [] : [{ catchUp: levelAt - openAt, back: levelAt - networkAt }],
    );
    const catchUps = level.map(({ catchUp }) => catchUp);
    return {
      contestant,
      phase,
      posted: herd.posted,
      expected: herd.expected,
      delivered: connections.reduce((sum, { tally }) => sum + tally.received, 0),
      doubled: connections.reduce((sum, { tally }) => sum + tally.doubled, 0),
      neverLevel: connections.filter((connection) => !herd.isWhole(connection)).length,
      catchUpMs: spread(catchUps),
      backMs: spread(level.map(({ back }) => back)),
      serverCpuMs: (cpuMicros - cpuBefore) / 1_000,
      serverRssBytes: rssBytes,
      catchUpHundredths: hundredths(catchUps),
    };
  };
  try {
    return await Promise.race([work(), interruption(signal)]);
  } finally {
    herd.close();
    await subject.stop();
  }
}
