import { uuidv7 } from "uuidv7";
import type { HttpFixture, Role, TestRequest } from "../../http-fixture.ts";

type Expected =
  | "ok"
  | "USER_HAS_TO_LOGIN"
  | "FORBIDDEN"
  | "ROOM_INVALID"
  | "ROOM_ACCESS_DENIED"
  | "SETUP_CLOSED"
  | "SIGN_IN_FAILED"
  | "LAST_SUPERUSER";

export interface Row {
  /** The registered route. */
  readonly route: string;
  readonly action: string;
  /** Creates a valid request, for data created for this request. */
  readonly ask: (fixture: HttpFixture, role: Role) => Promise<Omit<TestRequest, "method">>;
  readonly expected: Readonly<Record<Role, Expected>>;
}

export const EVERYBODY = { outsider: "ok", user: "ok", staff: "ok", superuser: "ok" } as const;
export const SIGNED_IN = { ...EVERYBODY, outsider: "USER_HAS_TO_LOGIN" } as const;
export const STAFF = { ...SIGNED_IN, user: "FORBIDDEN" } as const;
export const SUPERUSERS = { ...STAFF, staff: "FORBIDDEN" } as const;
/** The results for a room that ordinary users cannot see. */
export const HIDDEN = { ...SIGNED_IN, user: "ROOM_INVALID" } as const;

export const name = () => `n${uuidv7().replaceAll("-", "").slice(12)}`;
export const at = (url: string) => async () => ({ url });
export const notice = () => ({ kind: "warning", text: "closing soon" });
export const message = () => ({ clientId: uuidv7(), body: "hello" });

export async function newSession(fixture: HttpFixture, role: Role): Promise<Record<string, string>> {
  return role === "outsider" ? {} : { authorization: `Bearer ${(await fixture.signIn(role)).token}` };
}

export const roomAt =
  ({ staffOnly }: { readonly staffOnly: boolean }, suffix = "", payload?: () => unknown) =>
  async (fixture: HttpFixture) => {
    const { id } = await fixture.createRoom({ staffOnly });
    return { url: `/api/rooms/${id}${suffix}`, ...(payload === undefined ? {} : { payload: payload() }) };
  };

export const personAt =
  (flags: { staff?: boolean; superuser?: boolean }, suffix: string, payload?: unknown) =>
  async (fixture: HttpFixture) => {
    const { id } = await fixture.createPerson({ username: name(), ...flags });
    return { url: `/api/people/${id}${suffix}`, ...(payload === undefined ? {} : { payload }) };
  };

/** The results for an action of moderators. */
export const MODERATORS = { ...SIGNED_IN, user: "ROOM_ACCESS_DENIED" } as const;
/** The results for a room whose only member is the ordinary user; staff has no access to it. */
export const USERS_OWN = { ...SIGNED_IN, staff: "ROOM_INVALID", superuser: "ROOM_INVALID" } as const;

/** Posts a message in a new open room. */
export const messageBy =
  (author: "user" | "staff" | "asker", payload?: unknown) => async (fixture: HttpFixture, role: Role) => {
    const name = author !== "asker" ? author : role === "outsider" ? "user" : role;
    const room = await fixture.createRoom();
    const { id } = await fixture.postAs(name, room, "hello");
    return { url: `/api/rooms/${room.id}/messages/${id}`, ...(payload === undefined ? {} : { payload }) };
  };

export const privateAt = (suffix: string, payload?: unknown) => async (fixture: HttpFixture) => {
  const { id } = await fixture.createRoom({ private: true }, "user");
  return { url: `/api/rooms/${id}${suffix}`, ...(payload === undefined ? {} : { payload }) };
};

/** Creates a room with a member. */
export const memberAt = (suffix: string, payload?: unknown) => async (fixture: HttpFixture) => {
  const [room, { id, username }] = [await fixture.createRoom(), await fixture.createPerson({ username: name() })];
  await fixture.context.store.members.add({ room: room.id, user: { id, username }, role: "member", by: null });
  return { url: `/api/rooms/${room.id}/members/${id}${suffix}`, ...(payload === undefined ? {} : { payload }) };
};

export const STAFF_MEMBER = { staff: true };
export const SUPERUSER = { staff: true, superuser: true };
