import { setTimeout as wait } from "node:timers/promises";
import { interruption } from "../report/interruption.ts";
import { distributionOf, percentilesOf } from "../report/quantile.ts";
import { ConnectionPool } from "./connection-pool.ts";
import type { JitterPlan, Measurement, Phase, Subject } from "./plan.ts";
import { startSubject } from "./subject-servers.ts";

/** The time of steady sending before the first drop, and after the network is back for all. */
const STEADY_MS = 2_000;

/** Measures one phase with a new server and a new connection pool. */
export async function measure(
  subject: Subject,
  plan: JitterPlan,
  phase: Phase,
  signal: AbortSignal,
): Promise<Measurement> {
  const server = await startSubject(subject, plan);
  const pool = new ConnectionPool(server, plan);
  const run = async (): Promise<Measurement> => {
    await pool.open();
    const { cpuMicros: cpuBefore } = await server.usage();
    pool.startSending();
    await wait(STEADY_MS);
    await pool.interruptNetwork(phase);
    await wait(STEADY_MS);
    pool.stopSending();
    await pool.waitUntilCaughtUp();
    const { cpuMicros, rssBytes } = await server.usage();
    const { connections } = pool;
    const outages = connections.flatMap(({ outage }) => outage ?? []);
    const times = outages.flatMap(({ networkBackAt, openAt, caughtUpAt }) =>
      openAt === undefined || caughtUpAt === undefined
        ? []
        : [{ catchUpMs: caughtUpAt - openAt, recoveryMs: caughtUpAt - networkBackAt }],
    );
    const catchUps = times.map(({ catchUpMs }) => catchUpMs);
    return {
      subject,
      phase,
      posted: pool.posted,
      expected: pool.expected,
      delivered: connections.reduce((sum, { counts }) => sum + counts.recordMessage, 0),
      duplicated: connections.reduce((sum, { counts }) => sum + counts.duplicated, 0),
      neverCaughtUp: connections.filter((connection) => !pool.isComplete(connection)).length,
      catchUpMs: distributionOf(catchUps),
      recoveryMs: distributionOf(times.map(({ recoveryMs }) => recoveryMs)),
      serverCpuMs: (cpuMicros - cpuBefore) / 1_000,
      serverRssBytes: rssBytes,
      catchUpPercentiles: percentilesOf(catchUps),
    };
  };
  try {
    return await Promise.race([run(), interruption(signal)]);
  } finally {
    pool.close();
    await server.stop();
  }
}
