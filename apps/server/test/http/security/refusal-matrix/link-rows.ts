import type { HttpFixture } from "../../http-fixture.ts";
import { at, EVERYBODY, name, newSession, type Row, STAFF, SUPERUSERS } from "./row.ts";

const BY = { actor: null, address: null, request: null };

async function invite({ context }: HttpFixture, { staff = false } = {}): Promise<{ id: string; token: string }> {
  const wanted = { createdBy: null, expiresAt: null, maxUses: 1, staff, rooms: [] };
  const created = await context.accounts.links.createInvitation(wanted, BY);
  if (created === undefined) throw new Error("expected an invitation");
  return created;
}

async function resetToken(fixture: HttpFixture): Promise<string> {
  const { id } = await fixture.createPerson({ username: name() });
  return (await fixture.context.accounts.links.createResetLink(id, BY)).token;
}

/** What is done with the links by which people get into accounts. */
export const LINK_ROWS: readonly Row[] = [
  { route: "GET /api/invitations", action: "list invitations", ask: at("/api/invitations"), expected: STAFF },
  {
    route: "POST /api/invitations",
    action: "invite people",
    ask: async () => ({ url: "/api/invitations", payload: {} }),
    expected: STAFF,
  },
  {
    route: "POST /api/invitations",
    action: "invite staff",
    ask: async () => ({ url: "/api/invitations", payload: { staff: true } }),
    expected: SUPERUSERS,
  },
  ...([false, true] as const).map(
    (staff): Row => ({
      route: "DELETE /api/invitations/:invitation",
      action: `revoke an invitation of ${staff ? "staff" : "people"}`,
      ask: async (fixture) => ({ url: `/api/invitations/${(await invite(fixture, { staff })).id}` }),
      expected: staff ? SUPERUSERS : STAFF,
    }),
  ),
  {
    route: "POST /api/invitations/token",
    action: "check an invitation",
    ask: async (fixture) => ({ url: "/api/invitations/token", payload: { token: (await invite(fixture)).token } }),
    expected: EVERYBODY,
  },
  {
    route: "POST /api/invitations/accept",
    action: "create an account by an invitation",
    // With a new session, because it ends the session that it came with.
    ask: async (fixture, role) => ({
      url: "/api/invitations/accept",
      payload: { token: (await invite(fixture)).token, username: name(), password: "a long password" },
      headers: await newSession(fixture, role),
    }),
    expected: EVERYBODY,
  },
  {
    route: "POST /api/reset-links/token",
    action: "check a reset link",
    ask: async (fixture) => ({ url: "/api/reset-links/token", payload: { token: await resetToken(fixture) } }),
    expected: EVERYBODY,
  },
  {
    route: "POST /api/reset-links/use",
    action: "choose a password by a reset link",
    ask: async (fixture, role) => ({
      url: "/api/reset-links/use",
      payload: { token: await resetToken(fixture), password: "a quite new password" },
      headers: await newSession(fixture, role),
    }),
    expected: EVERYBODY,
  },
];
