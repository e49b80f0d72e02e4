import type { ReadContext, WriteContext } from "./context.ts";
import type { Packing } from "./packing.ts";

/**
 * Where an operation runs. A `read` sees one state of the database from beginning to end; a `search` is a read that may
 * take long, so that no other read waits for it; a `write` takes effect as a whole or not at all.
 */
export type OperationKind = "read" | "search" | "write";

type Run = (context: never, args: never) => Promise<unknown>;

/** An operation of the store: a function of a context and at most one object of named parameters. */
export interface Operation<F extends Run = Run> {
  readonly kind: OperationKind;
  /**
   * Whether it runs without a savepoint of its own, and changes rooms by `WriteContext.roomHeads` alone. Where one of them
   * fails, its whole transaction is repeated with savepoints, so only an operation that hardly ever fails gains by it.
   */
  readonly isBatched?: boolean;
  /**
   * Of a write that can run at the same time as those with other keys, in one transaction of a database that takes a round trip
   * for each statement: it neither reads nor changes what they change, and writes no event, whose order would be that of the calls.
   *
   * @default it runs alone
   */
  readonly keyOf?: (args: never) => string;
  /** How it travels between threads. @default as it is */
  readonly packing?: Packing;
  readonly run: F;
}

export type OperationTable = Readonly<Record<string, Operation>>;

export function read<F extends (context: ReadContext, args: never) => Promise<unknown>>(run: F): Operation<F> {
  return { kind: "read", run };
}

/** A read of many values, which travel packed. */
export function packedRead<Args, Result>(
  run: (context: ReadContext, args: Args) => Promise<Result>,
  packing: Packing<Args, Result>,
): Operation<typeof run> {
  return { kind: "read", packing: forgetTypes(packing), run };
}

export function search<F extends (context: ReadContext, args: never) => Promise<unknown>>(run: F): Operation<F> {
  return { kind: "search", run };
}

export function write<F extends (context: WriteContext, args: never) => Promise<unknown>>(run: F): Operation<F> {
  return { kind: "write", run };
}

/** A write that can run at the same time as others; see `Operation.keyOf`. */
export function concurrentWrite<Args, Result>(
  run: (context: WriteContext, args: Args) => Promise<Result>,
  keyOf: (args: Args) => string,
): Operation<typeof run> {
  return { kind: "write", keyOf, run };
}

/** A write of which many share a transaction; see `Operation.isBatched`. */
export function batchedWrite<Args, Result>(
  run: (context: WriteContext, args: Args) => Promise<Result>,
  packing: Packing<Args, Result>,
): Operation<typeof run> {
  return { kind: "write", isBatched: true, packing: forgetTypes(packing), run };
}

function forgetTypes<Args, Result>(packing: Packing<Args, Result>): Packing {
  // The operations of a table have different types. Each is called, and packed, with its own, by its name in the table.
  return packing as unknown as Packing;
}

type Method<F> = F extends (context: never, ...args: infer Args) => infer Result ? (...args: Args) => Result : never;

/** The operations of a table as their callers see them, without the context. */
export type Methods<Table extends OperationTable> = { readonly [Name in keyof Table]: Method<Table[Name]["run"]> };
