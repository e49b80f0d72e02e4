import type { SearchHit } from "@multichat/protocol";
import { useCallback, useEffect, useRef, useState } from "react";
import { chat } from "../../connection/chat.ts";

export interface Search {
  readonly results: readonly SearchHit[];
  /** `more`: what comes after is being asked for. */
  readonly state: "searching" | "more" | "done" | "failed";
  readonly error: unknown;
  /** There is more to be asked for. */
  readonly hasMore: boolean;
  /** Asks for what comes after, or again where that failed. */
  readonly loadMore: () => void;
}

interface Progress {
  readonly query: string;
  readonly results: readonly SearchHit[];
  readonly state: Search["state"];
  readonly error: unknown;
  /** Where the next answer begins; null: nothing comes after. */
  readonly cursor: string | null;
}

const createProgress = (query: string): Progress => ({
  query,
  results: [],
  state: "searching",
  error: undefined,
  cursor: null,
});

/** What a query finds, page by page; a new query drops what the one before is still waiting for. */
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
      setProgress((before) => ({ ...before, state: cursor === null ? "searching" : "more", error: undefined }));
      chat.search(query, { signal, ...(cursor === null ? {} : { cursor }) }).then(
        (answer) => {
          if (signal.aborted) return;
          setProgress((before) => ({
            query,
            results: cursor === null ? answer.found : removeDuplicates([...before.results, ...answer.found]),
            state: "done",
            error: undefined,
            cursor: answer.cursor,
          }));
        },
        (error: unknown) => {
          if (!signal.aborted) setProgress((before) => ({ ...before, state: "failed", error }));
        },
      );
    },
    [query],
  );

  useEffect(() => {
    fetchPage(null);
    return () => activeRequest.current?.abort();
  }, [fetchPage]);

  const { results, state, error, cursor } = progress;
  return { results, state, error, hasMore: cursor !== null, loadMore: () => fetchPage(cursor) };
}

/** A message that moved while pages were asked for is shown once. */
function removeDuplicates(found: readonly SearchHit[]): readonly SearchHit[] {
  return [...new Map(found.map((result) => [result.message.id, result])).values()];
}
