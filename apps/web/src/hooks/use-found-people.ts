import type { Author } from "@multichat/protocol";
import { useEffect, useState } from "react";
import { sendCommand } from "../connection/send-command.ts";

const DEBOUNCE_MS = 150;
const NO_PEOPLE: readonly Author[] = [];

export interface FoundPeople {
  readonly people: readonly Author[];
  /** The query that was answered; the current one may be longer. */
  readonly query: string | undefined;
}

/**
 * Finds people by the beginning of their names, debounced. The last answer stays until the next one arrives.
 * @param query undefined sends no request
 */
export function useFoundPeople(query: string | undefined): FoundPeople {
  const [found, setFound] = useState<FoundPeople>({ people: NO_PEOPLE, query: undefined });
  useEffect(() => {
    if (query === undefined) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      sendCommand("people.find", { query }, { signal: abort.signal }).then(
        ({ people }) => setFound({ people, query }),
        // Offline, the result is empty; the connection banner says why.
        () => {
          if (!abort.signal.aborted) setFound({ people: NO_PEOPLE, query });
        },
      );
    }, DEBOUNCE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [query]);
  return query === undefined ? { people: NO_PEOPLE, query: undefined } : found;
}
