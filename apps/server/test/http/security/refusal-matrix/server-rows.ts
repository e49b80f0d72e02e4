import { at, EVERYBODY, name, type Row, SIGNED_IN, STAFF, SUPERUSERS } from "./row.ts";

/** Requests that concern the server as a whole. */
export const SERVER_ROWS: readonly Row[] = [
  { route: "GET /api/search", action: "search", ask: at("/api/search?query=hello"), expected: SIGNED_IN },
  { route: "GET /api/audit", action: "read the audit log", ask: at("/api/audit"), expected: SUPERUSERS },
  { route: "GET /api/settings", action: "read the settings", ask: at("/api/settings"), expected: STAFF },
  {
    route: "PATCH /api/settings",
    action: "change the settings",
    ask: async () => ({ url: "/api/settings", payload: { roomCreators: "everybody" } }),
    expected: STAFF,
  },
  { route: "GET /api/setup", action: "ask for the first run", ask: at("/api/setup"), expected: EVERYBODY },
  {
    route: "POST /api/setup/token",
    action: "try a setup token",
    ask: async () => ({ url: "/api/setup/token", payload: { token: "guessed" } }),
    expected: EVERYBODY,
  },
  {
    route: "POST /api/setup",
    action: "the first run, again",
    ask: async (fixture) => ({
      url: "/api/setup",
      payload: { token: fixture.setup.token, username: name(), password: "a long password", room: "General" },
    }),
    expected: { outsider: "SETUP_CLOSED", user: "SETUP_CLOSED", staff: "SETUP_CLOSED", superuser: "SETUP_CLOSED" },
  },
  { route: "GET /api/openapi.json", action: "the API document", ask: at("/api/openapi.json"), expected: EVERYBODY },
  {
    route: "GET /.well-known/security.txt",
    action: "security contacts",
    ask: at("/.well-known/security.txt"),
    expected: EVERYBODY,
  },
  { route: "GET /healthz", action: "health", ask: at("/healthz"), expected: EVERYBODY },
  { route: "GET /readyz", action: "readiness", ask: at("/readyz"), expected: EVERYBODY },
  { route: "GET /metrics", action: "metrics from this machine", ask: at("/metrics"), expected: EVERYBODY },
  {
    route: "GET /metrics",
    action: "metrics through a proxy, without the token",
    ask: async () => ({ url: "/metrics", headers: { "x-forwarded-for": "192.0.2.1" } }),
    expected: { outsider: "FORBIDDEN", user: "FORBIDDEN", staff: "FORBIDDEN", superuser: "FORBIDDEN" },
  },
];
