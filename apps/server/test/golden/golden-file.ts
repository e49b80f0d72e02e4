import { readFileSync } from "node:fs";

export type Step = readonly [client: string, act: string, what: unknown];

export interface UnchangedCase {
  readonly case: string;
  readonly settings?: { readonly NOTIFY_USERS_ON_ENTER_OR_LEAVE_ROOMS: boolean };
  readonly steps: readonly Step[];
}

export interface CorrectedCase {
  readonly case: string;
  readonly instead: string;
  readonly original: readonly Step[];
}

/** The recorded behavior of the original, unmodified. */
export const golden = JSON.parse(readFileSync(new URL("./multichat.json", import.meta.url), "utf8")) as {
  readonly keep: readonly UnchangedCase[];
  readonly mended: readonly CorrectedCase[];
};
