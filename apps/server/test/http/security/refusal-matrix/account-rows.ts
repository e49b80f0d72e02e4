import { PASSWORD } from "../../http-fixture.ts";
import { at, EVERYBODY, name, newSession, type Row, SIGNED_IN } from "./row.ts";

/** What users do with their own account and its sessions. */
export const ACCOUNT_ROWS: readonly Row[] = [
  {
    route: "POST /api/auth/sign-in/username",
    action: "sign in with a right password",
    // With a new session, because a sign-in ends the session that it came with.
    ask: async (fixture, role) => {
      const { username } = await fixture.createPerson({ username: name(), password: "a long password" });
      const headers = await newSession(fixture, role);
      return { url: "/api/auth/sign-in/username", payload: { username, password: "a long password" }, headers };
    },
    expected: EVERYBODY,
  },
  {
    route: "POST /api/auth/sign-out",
    action: "sign out",
    // With a new session, because the cached one is needed later.
    ask: async (fixture, role) => ({
      url: "/api/auth/sign-out",
      payload: {},
      headers: await newSession(fixture, role),
    }),
    expected: EVERYBODY,
  },
  { route: "GET /api/me", action: "get the signed-in user", ask: at("/api/me"), expected: SIGNED_IN },
  {
    route: "POST /api/me/password",
    action: "change your password",
    // For a new account of the same role, because its password changes.
    ask: async (fixture, role) => {
      const payload = { currentPassword: "the old password", newPassword: "the new password" };
      if (role === "outsider") return { url: "/api/me/password", payload };
      const flags = { staff: role !== "user", superuser: role === "superuser" };
      const { username } = await fixture.createPerson({ username: name(), password: "the old password", ...flags });
      const { token } = await fixture.signIn(username, "the old password");
      return { url: "/api/me/password", payload, headers: { authorization: `Bearer ${token}` } };
    },
    expected: SIGNED_IN,
  },
  {
    route: "POST /api/me/confirm",
    action: "confirm your password",
    ask: async () => ({ url: "/api/me/confirm", payload: { password: PASSWORD } }),
    expected: SIGNED_IN,
  },
  { route: "GET /api/sessions", action: "list sessions", ask: at("/api/sessions"), expected: SIGNED_IN },
  { route: "DELETE /api/sessions", action: "end all other sessions", ask: at("/api/sessions"), expected: SIGNED_IN },
  {
    route: "DELETE /api/sessions/:session",
    action: "end a session",
    ask: async (fixture, role) => {
      const owner = role === "outsider" ? "user" : role;
      const { accounts } = fixture.context;
      const account = await accounts.find(owner);
      const sessions = () => accounts.sessions(account?.id ?? "", null);
      const before = new Set((await sessions()).map(({ id }) => id));
      await fixture.signIn(owner);
      const made = (await sessions()).find(({ id }) => !before.has(id));
      return { url: `/api/sessions/${made?.id}` };
    },
    expected: SIGNED_IN,
  },
];
