import type { ChangeFeedEntry } from "../../change-feed/change-feed.ts";
import type { StoreChange } from "../../store.ts";
import type { StoreErrorCode } from "../../store-error.ts";
import type { MigrationResult } from "../migrations/migrate-schema.ts";

/** What passes between the main thread and the two workers; many calls travel as one message. */

export interface WorkerOptions {
  /** The searcher is a reader that answers searches alone and listens to nothing. */
  readonly role: "writer" | "reader" | "searcher";
  readonly file: string;
  readonly origin: string;
  readonly busyTimeoutMs: number;
  /** Operations in one transaction, at most. */
  readonly maxBatchSize: number;
  /** Milliseconds between two looks for changes by other processes. */
  readonly pollIntervalMs: number;
}

export interface Call {
  readonly id: number;
  readonly operation: string;
  readonly args: unknown;
}

export type ToWorker =
  | { readonly kind: "open" }
  /** Only after `ready` has come. */
  | { readonly kind: "calls"; readonly calls: readonly Call[] }
  | { readonly kind: "close" };

export interface Failure {
  readonly code: StoreErrorCode;
  readonly message: string;
}

export type Answer = { readonly id: number; readonly ok: unknown } | { readonly id: number; readonly error: Failure };

export type FromWorker =
  | { readonly kind: "ready"; readonly epoch: string; readonly migrated: MigrationResult }
  | { readonly kind: "failed"; readonly error: Failure }
  /** `changes`: what this process changed in the transaction that these answers speak of. */
  | { readonly kind: "answers"; readonly answers: readonly Answer[]; readonly changes: readonly StoreChange[] }
  | { readonly kind: "heard"; readonly heard: readonly ChangeFeedEntry[]; readonly missed: boolean };
