import type { SearchHit } from "@multichat/protocol";
import { useCallback, useEffect, useRef, useState } from "react";
import { chat } from "../../connection/chat.ts";

export interface Search {
  readonly found: readonly SearchHit[];
  /** `more`: what comes after is being asked for. */
  readonly state: "searching" | "more" | "done" | "failed";
  readonly error: unknown;
  /** There is more to be asked for. */
  readonly hasMore: boolean;
  /** Asks for what comes after, or again where that failed. */
  readonly more: () => void;
}

interface Progress {
  readonly query: string;
  readonly found: readonly SearchHit[];
  readonly state: Search["state"];
  readonly error: unknown;
  /** Where the next answer begins; null: nothing comes after. */
  readonly cursor: string | null;
}

const begin = (query: string): Progress => ({ query, found: [], state: "searching", error: undefined, cursor: null });

/** What a query finds, page by page; a new query drops what the one before is still waiting for. */
export function useSearch(query: string): Search {
  const [progress, setProgress] = useState(() => begin(query));
  if (progress.query !== query) setProgress(begin(query));
  const asking = useRef<AbortController>(undefined);

  const ask = useCallback(
    (cursor: string | null) => {
      asking.current?.abort();
      const abort = new AbortController();
      asking.current = abort;
      const { signal } = abort;
      setProgress((before) => ({ ...before, state: cursor === null ? "searching" : "more", error: undefined }));
      chat.search(query, { signal, ...(cursor === null ? {} : { cursor }) }).then(
        (answer) => {
          if (signal.aborted) return;
          setProgress((before) => ({
            query,
            found: cursor === null ? answer.found : withoutDoubles([...before.found, ...answer.found]),
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
    ask(null);
    return () => asking.current?.abort();
  }, [ask]);

  const { found, state, error, cursor } = progress;
  return { found, state, error, hasMore: cursor !== null, more: () => ask(cursor) };
}

/** A message that moved while pages were asked for is shown once. */
function withoutDoubles(found: readonly SearchHit[]): readonly SearchHit[] {
  return [...new Map(found.map((one) => [one.message.id, one])).values()];
}
