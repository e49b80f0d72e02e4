import type { Session } from "@multichat/protocol";
import { confirmedRequest } from "./confirmed-request.ts";
import { request } from "./http.ts";

const encodeSegment = encodeURIComponent;

/** Requests for the password and the sessions of the signed-in account. Each throws `RequestFailed`. */
export const accountApi = {
  changePassword: (currentPassword: string, newPassword: string) =>
    request<unknown>("POST", "/api/me/password", { body: { currentPassword, newPassword } }),

  confirmPassword: (password: string) => request<unknown>("POST", "/api/me/confirm", { body: { password } }),

  listSessions: async (signal?: AbortSignal) =>
    (await request<{ readonly sessions: readonly Session[] }>("GET", "/api/sessions", { signal })).sessions,
  endSession: (id: string) => confirmedRequest<unknown>("DELETE", `/api/sessions/${encodeSegment(id)}`),
  endOtherSessions: () => confirmedRequest<unknown>("DELETE", "/api/sessions"),
} as const;
