import type { BackgroundTask } from "../../background-errors.ts";
import type { ChangeFeedEntry, StoreChange } from "../../change-feed/store-change.ts";
import type { StoreErrorCode } from "../../store-error.ts";
import type { MigrationResult, MigrationStep } from "../migrations/migrate-schema.ts";

// The messages between the main thread and the database threads; several calls travel as one message.

export interface WorkerOptions {
  /** The searcher is a reader that runs searches alone and reads no changes. */
  readonly role: "writer" | "reader" | "searcher";
  readonly file: string;
  readonly origin: string;
  readonly busyTimeoutMs: number;
  /** Operations in one transaction. */
  readonly maxBatchSize: number;
  /** Whether other servers have the database open; `share` changes it. */
  readonly isShared: boolean;
  /** How often the changes of other processes are read. */
  readonly pollIntervalMs: number;
}

export interface Call {
  readonly id: number;
  /** The name of an operation, such as `messages.append`. */
  readonly operation: string;
  readonly args: unknown;
}

/** Calls of one operation, one after another: the id and the packed argument of each. */
export interface PackedCalls {
  readonly operation: string;
  readonly values: readonly unknown[];
}

export type ToWorker =
  | { readonly kind: "open" }
  /** Only after `ready`. */
  | { readonly kind: "calls"; readonly calls: readonly (Call | PackedCalls)[] }
  /** To the reader: read the changes of other processes now, before the calls that follow. */
  | { readonly kind: "poll" }
  | { readonly kind: "release-memory" }
  /** To the writer: whether other servers have the database open from now on. */
  | { readonly kind: "share"; readonly isShared: boolean }
  | { readonly kind: "close" };

export interface Failure {
  readonly code: StoreErrorCode;
  readonly message: string;
}

export type Answer = { readonly id: number; readonly ok: unknown } | { readonly id: number; readonly error: Failure };

/** Answers to calls of one operation: the id and the packed result of each. */
export interface PackedAnswers {
  readonly operation: string;
  readonly values: readonly unknown[];
}

export type FromWorker =
  | { readonly kind: "ready"; readonly epoch: string; readonly migrated: MigrationResult }
  | { readonly kind: "migrating"; readonly step: MigrationStep }
  | { readonly kind: "failed"; readonly error: Failure }
  /** Work without a call has failed. */
  | { readonly kind: "background-error"; readonly task: BackgroundTask; readonly error: Failure }
  /** `changes`: what this process changed in the transaction of these answers. */
  | {
      readonly kind: "answers";
      readonly answers: readonly (Answer | PackedAnswers)[];
      readonly changes: readonly StoreChange[];
    }
  /** Changes of other processes. */
  | { readonly kind: "changes"; readonly entries: readonly ChangeFeedEntry[]; readonly hasGap: boolean };
