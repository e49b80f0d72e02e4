import type { Clock } from "../core/clock.ts";

const TIMEOUT_MS = 10_000;

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface SignInCheckOptions {
  /** The URL of `GET /api/me`. */
  readonly url: string;
  readonly token: string | undefined;
  readonly fetch: Fetch;
  readonly clock: Clock;
}

/** Asks the server over HTTP whether it accepts the session. Resolves with undefined when the server does not answer. */
export async function checkSignedIn({ url, token, fetch, clock }: SignInCheckOptions): Promise<boolean | undefined> {
  const timeout = new AbortController();
  const stopTimer = clock.after(TIMEOUT_MS, () => timeout.abort());
  try {
    const response = await fetch(url, {
      credentials: "include",
      cache: "no-store",
      signal: timeout.signal,
      ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
    });
    return response.status === 401 ? false : response.ok ? true : undefined;
  } catch {
    return undefined;
  } finally {
    stopTimer();
  }
}
