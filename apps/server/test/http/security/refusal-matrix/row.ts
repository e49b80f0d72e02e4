import { uuidv7 } from "uuidv7";
import { bodyOf, type HttpFixture, type Role, type TestRequest } from "../../http-fixture.ts";

type Expected =
  | "ok"
  | "USER_HAS_TO_LOGIN"
  | "FORBIDDEN"
  | "ROOM_INVALID"
  | "NOT_FOUND"
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
/** The results for a file in a room that ordinary users cannot see, and in one whose only member is the ordinary user. */
export const HIDDEN_FILE = { ...SIGNED_IN, user: "NOT_FOUND" } as const;
export const USERS_OWN_FILE = { ...SIGNED_IN, staff: "NOT_FOUND", superuser: "NOT_FOUND" } as const;
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

const CONTENT_TYPE = { "content-type": "application/octet-stream" } as const;

/** Uploads a file to a new room. */
export const uploadAt =
  (room: { readonly staffOnly?: boolean; readonly private?: boolean }, creator?: string) =>
  async (fixture: HttpFixture) => {
    const { id } = await fixture.createRoom(room, creator);
    const url = `/api/rooms/${id}/files?name=a.txt&clientId=${uuidv7()}`;
    return { url, payload: "content", headers: CONTENT_TYPE };
  };

/** Posts a file in a new room. */
export const fileAt =
  (room: { readonly staffOnly?: boolean; readonly private?: boolean }, author: "user" | "staff") =>
  async (fixture: HttpFixture) => {
    const { id } = await fixture.createRoom(room, author);
    const uploaded = await fixture.requestAs(author, {
      method: "POST",
      url: `/api/rooms/${id}/files?name=a.txt&clientId=${uuidv7()}`,
      payload: "content",
      headers: CONTENT_TYPE,
    });
    const { file } = bodyOf<{ file: { id: string } }>(uploaded);
    const payload = { clientId: uuidv7(), body: "", files: [file.id] };
    await fixture.requestAs(author, { method: "POST", url: `/api/rooms/${id}/messages`, payload });
    return { url: `/api/files/${file.id}/a.txt` };
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
