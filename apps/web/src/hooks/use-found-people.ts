import type { Author } from "@multichat/protocol";
import { useEffect, useState } from "react";
import { chat } from "../connection/chat.ts";

/** Milliseconds without a key before the server is asked. */
const DEBOUNCE_MS = 150;
const NO_PEOPLE: readonly Author[] = [];

export interface FoundPeople {
  readonly people: readonly Author[];
  /** What they were found for; what is asked now may be more. */
  readonly query: string | undefined;
}

/**
 * People whose names begin as asked, as one types. The last answer stays until the next is there.
 * @param query undefined: nothing is asked, nobody found.
 */
export function useFoundPeople(query: string | undefined): FoundPeople {
  const [found, setFound] = useState<FoundPeople>({ people: NO_PEOPLE, query: undefined });
  useEffect(() => {
    if (query === undefined) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      chat.request("people.find", { query }, { signal: abort.signal }).then(
        ({ people }) => setFound({ people, query }),
        // Without a connection nobody is found; the banner says why.
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
