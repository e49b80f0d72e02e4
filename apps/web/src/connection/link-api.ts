import type { Invitation } from "@multichat/protocol";
import { BASE_PATH } from "./base-path.ts";
import { confirmedRequest } from "./confirmed-request.ts";
import { request } from "./http.ts";

export interface InvitationDraft {
  /** null: any number. */
  readonly maxUses: number | null;
  /** null: never. */
  readonly expiresInSeconds: number | null;
  readonly staff: boolean;
  /** Ids. */
  readonly rooms: readonly string[];
}

export interface CreatedInvitation {
  readonly invitation: Invitation;
  readonly token: string;
}

export interface InvitedAccount {
  readonly token: string;
  readonly username: string;
  readonly password: string;
  readonly email?: string;
}

/** Requests for the links by which people get into accounts. Each throws `RequestFailed`. */
export const linkApi = {
  listInvitations: async (signal?: AbortSignal) =>
    (await request<{ readonly invitations: readonly Invitation[] }>("GET", "/api/invitations", { signal })).invitations,
  createInvitation: (draft: InvitationDraft) =>
    confirmedRequest<CreatedInvitation>("POST", "/api/invitations", { body: draft }),
  revokeInvitation: (id: string) => request<unknown>("DELETE", `/api/invitations/${encodeURIComponent(id)}`),
  /** `by`: who invites; null: the server's command line. */
  readInvitation: (token: string, signal?: AbortSignal) =>
    request<{ readonly by: string | null }>("POST", "/api/invitations/token", { body: { token }, signal }),
  acceptInvitation: (account: InvitedAccount) => request<unknown>("POST", "/api/invitations/accept", { body: account }),

  createResetLink: (person: string) =>
    confirmedRequest<{ readonly token: string; readonly expiresAt: number }>(
      "POST",
      `/api/people/${encodeURIComponent(person)}/reset-link`,
      { body: {} },
    ),
  readResetLink: (token: string, signal?: AbortSignal) =>
    request<{ readonly username: string }>("POST", "/api/reset-links/token", { body: { token }, signal }),
  resetPassword: (token: string, password: string) =>
    request<{ readonly username: string }>("POST", "/api/reset-links/use", { body: { token, password } }),
} as const;

/** Returns the address of a link. The secret is behind `#`, so that it reaches no server's log. */
export function linkAddress(page: "invite" | "reset", token: string): string {
  return `${location.origin}${BASE_PATH}/${page}#token=${token}`;
}
