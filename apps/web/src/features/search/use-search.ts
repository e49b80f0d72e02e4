import type { SearchHit } from "@multichat/protocol";
import { useCallback, useEffect, useRef, useState } from "react";
import { sendCommand } from "../../connection/send-command.ts";

export interface Search {
  readonly results: readonly SearchHit[];
  /** `more`: the next page is being loaded. */
  readonly state: "searching" | "more" | "done" | "failed";
  readonly error: unknown;
  readonly hasMore: boolean;
  /** Whether the server has messages that cannot be found yet. */
  readonly isBehind: boolean;
  /** Loads the next page, or retries the one that failed. */
  readonly loadMore: () => void;
}

interface Progress {
  readonly query: string;
  readonly results: readonly SearchHit[];
  readonly state: Search["state"];
  readonly error: unknown;
  /** The start of the next page; null after the last one. */
  readonly cursor: string | null;
  readonly isBehind: boolean;
}

const createProgress = (query: string): Progress => ({
  query,
  results: [],
  state: "searching",
  error: undefined,
  cursor: null,
  isBehind: false,
});

/** Searches page by page; a new query aborts the request of the previous one. */
export function useSearch(query: string): Search {
  const [progress, setProgress] = useState(() => createProgress(query));
  if (progress.query !== query) setProgress(createProgress(query));
  const activeRequest = useRef<AbortController>(undefined);

  const fetchPage = useCallback(
    (cursor: string | null) => {
      activeRequest.current?.abort();
      const abort = new AbortController();
      activeRequest.current = abort;
      const { signal } = abort;
      setProgress((previous) => ({ ...previous, state: cursor === null ? "searching" : "more", error: undefined }));
      sendCommand("message.search", { query, ...(cursor === null ? {} : { cursor }) }, { signal }).then(
        (answer) => {
          if (signal.aborted) return;
          setProgress((previous) => ({
            query,
            results: cursor === null ? answer.found : removeDuplicates([...previous.results, ...answer.found]),
            state: "done",
            error: undefined,
            cursor: answer.cursor,
            isBehind: answer.behind === true,
          }));
        },
        (error: unknown) => {
          if (!signal.aborted) setProgress((previous) => ({ ...previous, state: "failed", error }));
        },
      );
    },
    [query],
  );

  useEffect(() => {
    fetchPage(null);
    return () => activeRequest.current?.abort();
  }, [fetchPage]);

  const { results, state, error, cursor, isBehind } = progress;
  return { results, state, error, isBehind, hasMore: cursor !== null, loadMore: () => fetchPage(cursor) };
}

/** Keeps one copy of a message that moved to another page between two requests. */
function removeDuplicates(found: readonly SearchHit[]): readonly SearchHit[] {
  return [...new Map(found.map((result) => [result.message.id, result])).values()];
}
