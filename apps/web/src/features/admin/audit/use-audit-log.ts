import type { AuditEntry, AuditFilter } from "@multichat/protocol";
import { useCallback, useEffect, useRef, useState } from "react";
import { auditApi } from "../../../connection/audit-api.ts";

const PAGE_ENTRIES = 50;

export interface AuditLog {
  readonly entries: readonly AuditEntry[];
  /** `more`: the next page is being loaded. */
  readonly state: "loading" | "more" | "done" | "failed";
  readonly error: unknown;
  readonly hasMore: boolean;
  /** Loads the next page, or retries the one that failed. */
  readonly loadMore: () => void;
}

interface Progress extends Pick<AuditLog, "entries" | "state" | "error" | "hasMore"> {
  readonly filter: AuditFilter;
}

const createProgress = (filter: AuditFilter): Progress => ({
  filter,
  entries: [],
  state: "loading",
  error: undefined,
  hasMore: false,
});

/** Loads the entries page by page, newest first. `filter` must be the same object until it changes. */
export function useAuditLog(filter: AuditFilter): AuditLog {
  const [progress, setProgress] = useState(() => createProgress(filter));
  if (progress.filter !== filter) setProgress(createProgress(filter));
  const activeRequest = useRef<AbortController>(undefined);

  const fetchPage = useCallback(
    (before: number | undefined) => {
      activeRequest.current?.abort();
      const abort = new AbortController();
      activeRequest.current = abort;
      const { signal } = abort;
      setProgress((previous) => ({
        ...previous,
        state: before === undefined ? "loading" : "more",
        error: undefined,
      }));
      auditApi.listEntries({ ...filter, before, limit: PAGE_ENTRIES }, signal).then(
        (page) => {
          if (signal.aborted) return;
          setProgress((previous) => ({
            filter,
            entries: before === undefined ? page : [...previous.entries, ...page],
            state: "done",
            error: undefined,
            hasMore: page.length === PAGE_ENTRIES,
          }));
        },
        (error: unknown) => {
          if (!signal.aborted) setProgress((previous) => ({ ...previous, state: "failed", error }));
        },
      );
    },
    [filter],
  );

  useEffect(() => {
    fetchPage(undefined);
    return () => activeRequest.current?.abort();
  }, [fetchPage]);

  const { entries, state, error, hasMore } = progress;
  return { entries, state, error, hasMore, loadMore: () => fetchPage(entries.at(-1)?.n) };
}
