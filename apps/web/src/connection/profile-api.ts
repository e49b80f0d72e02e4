import type { Limits, Me } from "@multichat/protocol";
import { request } from "./http.ts";

/** The signed-in account, and what this server lets it do. */
export interface Profile {
  readonly me: Me;
  readonly limits: Limits;
  readonly mayCreateRooms: boolean;
  /** Whether the account may read what messages said before they were edited or deleted. */
  readonly mayReadVersions: boolean;
  readonly version: string;
}

/** Requests for signing in and out and for the signed-in profile. Each throws `RequestFailed`. */
export const profileApi = {
  getProfile: (signal?: AbortSignal) => request<Profile>("GET", "/api/me", { signal }),
  signIn: (username: string, password: string) =>
    request<unknown>("POST", "/api/auth/sign-in/username", { body: { username, password } }),
  signOut: () => request<unknown>("POST", "/api/auth/sign-out", { body: {} }),
} as const;
