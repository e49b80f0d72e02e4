import type { Room, Settings } from "@multichat/protocol";
import { request } from "./http.ts";

export interface SetupForm {
  readonly token: string;
  readonly username: string;
  readonly password: string;
  readonly email?: string;
  readonly room: string;
}

/** Requests for the server's settings and its setup. Each throws `RequestFailed`. */
export const serverApi = {
  getSettings: (signal?: AbortSignal) => request<Settings>("GET", "/api/settings", { signal }),
  changeSettings: (changes: Partial<Settings>) => request<Settings>("PATCH", "/api/settings", { body: changes }),

  /** `needed`: no account exists yet. */
  getSetupState: (signal?: AbortSignal) => request<{ readonly needed: boolean }>("GET", "/api/setup", { signal }),
  /** `open`: this token can create the first account. In the body, because addresses reach logs. */
  checkSetupToken: (token: string, signal?: AbortSignal) =>
    request<{ readonly open: boolean }>("POST", "/api/setup/token", { body: { token }, signal }),
  completeSetup: (form: SetupForm) => request<{ readonly room: Room }>("POST", "/api/setup", { body: form }),
} as const;
