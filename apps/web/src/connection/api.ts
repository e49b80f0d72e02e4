import type { Limits, Me, Person, Room, Session, Settings } from "@multichat/protocol";
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

export interface RoomEdit {
  readonly title?: string;
  readonly topic?: string;
  readonly staffOnly?: boolean;
  readonly archived?: boolean;
  readonly kind?: "open" | "private";
  readonly slowModeSeconds?: number;
}

export interface PersonDraft {
  readonly username: string;
  readonly password: string;
  readonly email?: string;
  readonly staff?: boolean;
  readonly superuser?: boolean;
}

export interface PersonEdit {
  readonly username?: string;
  readonly password?: string;
  readonly staff?: boolean;
  readonly superuser?: boolean;
  readonly active?: boolean;
}

export interface SetupForm {
  readonly token: string;
  readonly username: string;
  readonly password: string;
  readonly email?: string;
  readonly room: string;
}

const encodeSegment = encodeURIComponent;

/** Every HTTP API call of this client. Each throws `RequestFailed`. */
export const api = {
  getProfile: (signal?: AbortSignal) => request<Profile>("GET", "/api/me", undefined, signal),
  signIn: (username: string, password: string) =>
    request<unknown>("POST", "/api/auth/sign-in/username", { username, password }),
  signOut: () => request<unknown>("POST", "/api/auth/sign-out", {}),
  changePassword: (currentPassword: string, newPassword: string) =>
    request<unknown>("POST", "/api/me/password", { currentPassword, newPassword }),

  listSessions: async (signal?: AbortSignal) =>
    (await request<{ readonly sessions: readonly Session[] }>("GET", "/api/sessions", undefined, signal)).sessions,
  endSession: (id: string) => request<unknown>("DELETE", `/api/sessions/${encodeSegment(id)}`),
  endOtherSessions: () => request<unknown>("DELETE", "/api/sessions"),

  getSettings: (signal?: AbortSignal) => request<Settings>("GET", "/api/settings", undefined, signal),
  changeSettings: (changes: Partial<Settings>) => request<Settings>("PATCH", "/api/settings", changes),

  /** `needed`: no account exists yet. `open`: this token may create the first one. */
  getSetupState: (token: string | null, signal?: AbortSignal) =>
    request<{ readonly needed: boolean; readonly open: boolean }>(
      "GET",
      token === null ? "/api/setup" : `/api/setup?token=${encodeSegment(token)}`,
      undefined,
      signal,
    ),
  completeSetup: (form: SetupForm) => request<{ readonly room: Room }>("POST", "/api/setup", form),

  changeRoom: async (id: string, edit: RoomEdit) =>
    (await request<{ readonly room: Room }>("PATCH", `/api/rooms/${encodeSegment(id)}`, edit)).room,
  deleteRoom: (id: string) => request<unknown>("DELETE", `/api/rooms/${encodeSegment(id)}`),

  listPeople: async (signal?: AbortSignal) =>
    (await request<{ readonly people: readonly Person[] }>("GET", "/api/people", undefined, signal)).people,
  createPerson: async (draft: PersonDraft) =>
    (await request<{ readonly person: Person }>("POST", "/api/people", draft)).person,
  changePerson: async (id: string, edit: PersonEdit) =>
    (await request<{ readonly person: Person }>("PATCH", `/api/people/${encodeSegment(id)}`, edit)).person,
  signOutPerson: (id: string) => request<unknown>("POST", `/api/people/${encodeSegment(id)}/sign-out`, {}),
} as const;
