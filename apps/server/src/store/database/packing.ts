/**
 * How the calls of a frequent operation travel between threads: as a fixed number of values each, in one array for many calls.
 * Copying an object for each call costs twenty times as much.
 */
export interface Packing<Args = never, Result = never> {
  /** The number of values of a call, and of a result. */
  readonly argsSize: number;
  readonly resultSize: number;
  packArgs(args: Args): readonly unknown[];
  unpackArgs(values: readonly unknown[], at: number): Args;
  /** Returns undefined for a result that travels as it is. */
  packResult(result: Result): readonly unknown[] | undefined;
  unpackResult(values: readonly unknown[], at: number): Result;
}
