import type { Distribution } from "../report/quantile.ts";

/** What a connection costs that joins five rooms. */
export interface JoinCost {
  /** Other connections in each of the rooms. */
  readonly size: number;
  /** CPU time of the server, of all its threads. */
  readonly microsPerConnection: number;
  /** From the command to the last answer, with 32 connections at once. */
  readonly milliseconds: number;
  /** Events that each of the others has received. */
  readonly eventsPerMember: number;
}

/** What it costs until many clients are connected and in five rooms each. */
export interface MassJoin {
  readonly clients: number;
  readonly rooms: number;
  readonly connectCpuSeconds: number;
  readonly joinCpuSeconds: number;
  readonly connectSeconds: number;
  readonly seconds: number;
  readonly rssBytesPerConnection: number;
}

/** What it takes until all clients of a killed server are caught up with the next one. */
export interface RestartCatchUp {
  readonly clients: number;
  readonly rooms: number;
  /** Messages that each client missed in each of its rooms. */
  readonly missedPerRoom: number;
  /** From the moment in which the new server listens. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** How long a client waited from its first attempt to connect until it was caught up. */
  readonly wait: Distribution;
}
