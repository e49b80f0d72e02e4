import type { Person } from "@multichat/protocol";
import { confirmedRequest } from "./confirmed-request.ts";
import { request } from "./http.ts";

export interface PersonDraft {
  readonly username: string;
  readonly password: string;
  readonly email?: string;
  readonly staff?: boolean;
  readonly superuser?: boolean;
  readonly passwordChangeRequired?: boolean;
}

export interface PersonEdit {
  readonly username?: string;
  readonly password?: string;
  readonly staff?: boolean;
  readonly superuser?: boolean;
  readonly active?: boolean;
}

const encodeSegment = encodeURIComponent;

/** Requests for the administration of accounts. Each throws `RequestFailed`. */
export const peopleApi = {
  listPeople: async (signal?: AbortSignal) =>
    (await request<{ readonly people: readonly Person[] }>("GET", "/api/people", { signal })).people,
  createPerson: async (draft: PersonDraft) =>
    (await request<{ readonly person: Person }>("POST", "/api/people", { body: draft })).person,
  changePerson: async (id: string, edit: PersonEdit) =>
    (await confirmedRequest<{ readonly person: Person }>("PATCH", `/api/people/${encodeSegment(id)}`, { body: edit }))
      .person,
  signOutPerson: (id: string) =>
    confirmedRequest<unknown>("POST", `/api/people/${encodeSegment(id)}/sign-out`, { body: {} }),
} as const;
