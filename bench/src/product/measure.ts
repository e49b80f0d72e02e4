import { busyShare, CLIENT_CORE, readCoreTimes, SERVER_CORE } from "../report/cores.ts";
import { InstructionCounter } from "../report/instructions.ts";
import { cpuMicrosOf, usageOf } from "../report/usage.ts";
import { LoadClient, type LoadProgram } from "./load-client.ts";
import type { Sample, Step, Subject } from "./plan.ts";
import type { Subjects } from "./subjects.ts";
import { WIRES } from "./wires.ts";

export interface MeasureOptions {
  readonly client: LoadProgram;
  readonly subjects: Subjects;
  readonly round: number;
  /** Where the chat leaves a CPU profile of each thread. */
  readonly profileDir?: string | undefined;
}

/** Measures one subject under one load, with a new server and a new load client. */
export async function measure(
  subject: Subject,
  step: Step,
  { client: program, subjects, round, profileDir }: MeasureOptions,
): Promise<Sample> {
  const server = await subjects.start(subject, { profileDir });
  const client = new LoadClient(program, {
    port: server.port,
    step,
    wire: WIRES[subject],
    tokens: subjects.tokensOf(subject).slice(0, step.members),
  });
  try {
    await client.reach("ready");
    await client.reach("begin");
    const counter = new InstructionCounter(server.pids);
    const before = { cpuMicros: await cpuOfAll(server.pids), cores: await readCoreTimes() };
    const load = await client.result();
    const after = { cpuMicros: await cpuOfAll(server.pids), cores: await readCoreTimes() };
    const serverInstructions = await counter.stop();
    const usages = await Promise.all(server.pids.map((pid) => usageOf(pid)));
    const { members, rooms, senders, rate } = step;
    return {
      subject,
      members,
      rooms,
      senders,
      rate,
      round,
      load,
      serverCpuMicros: after.cpuMicros - before.cpuMicros,
      serverInstructions,
      serverCoreBusy: busyShare(SERVER_CORE, before.cores, after.cores),
      clientCoreBusy: busyShare(CLIENT_CORE, before.cores, after.cores),
      rssBytes: usages.reduce((sum, { rssBytes }) => sum + rssBytes, 0),
    };
  } finally {
    await client.stop();
    await server.stop();
  }
}

async function cpuOfAll(pids: readonly number[]): Promise<number> {
  const micros = await Promise.all(pids.map((pid) => cpuMicrosOf(pid)));
  return micros.reduce((sum, value) => sum + value, 0);
}
