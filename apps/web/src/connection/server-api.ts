import type { Room, Settings } from "@multichat/protocol";
import { request } from "./http.ts";

export interface SetupForm {
  readonly token: string;
  readonly username: string;
  readonly password: string;
  readonly email?: string;
  readonly room: string;
}

const encodeSegment = encodeURIComponent;

/** Requests for the server's settings and its setup. Each throws `RequestFailed`. */
export const serverApi = {
  getSettings: (signal?: AbortSignal) => request<Settings>("GET", "/api/settings", { signal }),
  changeSettings: (changes: Partial<Settings>) => request<Settings>("PATCH", "/api/settings", { body: changes }),

  /** `needed`: no account exists yet. `open`: this token may create the first one. */
  getSetupState: (token: string | null, signal?: AbortSignal) =>
    request<{ readonly needed: boolean; readonly open: boolean }>(
      "GET",
      token === null ? "/api/setup" : `/api/setup?token=${encodeSegment(token)}`,
      { signal },
    ),
  completeSetup: (form: SetupForm) => request<{ readonly room: Room }>("POST", "/api/setup", { body: form }),
} as const;
