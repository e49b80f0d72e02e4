import type { Author, InvitationState } from "@multichat/protocol";
import type { AuditSource } from "../audit/audit-log.ts";
import type { MemberChangeResult } from "../members/member-types.ts";
import type { NewPerson, PersonRow } from "./person.ts";

export interface NewInvitation {
  readonly id: string;
  readonly tokenHash: string;
  /** null: the command line. */
  readonly createdBy: Author | null;
  readonly expiresAt: number | null;
  readonly maxUses: number | null;
  readonly staff: boolean;
  /** Ids. */
  readonly rooms: readonly string[];
}

export interface StoredInvitation extends Omit<NewInvitation, "tokenHash"> {
  readonly createdAt: number;
  readonly uses: number;
  readonly revokedAt: number | null;
  /** Whether its creator may still create such accounts: is active, and staff, or for staff accounts a superuser. */
  readonly isBacked: boolean;
}

export interface ListedInvitation extends StoredInvitation {
  /** The newest first, at most 100. */
  readonly people: readonly Author[];
}

export interface InvitedPerson {
  readonly tokenHash: string;
  readonly person: Omit<NewPerson, "staff" | "superuser" | "passwordChangeRequired">;
  /** The rooms to join, at the access version that the inviter's rights were checked with. */
  readonly rooms: readonly { readonly room: string; readonly accessVersion: number }[];
  readonly by: AuditSource;
}

export interface AcceptedInvitation {
  readonly outcome: "accepted";
  readonly person: PersonRow;
  readonly joined: readonly MemberChangeResult[];
}

/** Returns whether people can use it at this time, and why not. */
export function invitationState(
  { revokedAt, maxUses, uses, expiresAt, isBacked }: StoredInvitation,
  now: number,
): InvitationState {
  if (revokedAt !== null) return "revoked";
  if (maxUses !== null && uses >= maxUses) return "used-up";
  if (expiresAt !== null && expiresAt <= now) return "expired";
  return isBacked ? "open" : "withdrawn";
}
