import { at, name, personAt, type Row, STAFF, STAFF_MEMBER, SUPERUSER, SUPERUSERS } from "./row.ts";

/** What is done with other accounts. */
export const PEOPLE_ROWS: readonly Row[] = [
  { route: "GET /api/people", action: "list people", ask: at("/api/people"), expected: STAFF },
  {
    route: "POST /api/people",
    action: "make an ordinary account",
    ask: async () => ({ url: "/api/people", payload: { username: name(), password: "a long password", staff: false } }),
    expected: STAFF,
  },
  {
    route: "POST /api/people",
    action: "make a staff account",
    ask: async () => ({ url: "/api/people", payload: { username: name(), password: "a long password", staff: true } }),
    expected: SUPERUSERS,
  },
  {
    route: "POST /api/people",
    action: "make a superuser",
    ask: async () => ({
      url: "/api/people",
      payload: { username: name(), password: "a long password", superuser: true },
    }),
    expected: SUPERUSERS,
  },
  ...(
    [
      ["rename", { username: "renamed" }],
      ["deactivate", { active: false }],
      ["reset the password of", { password: "another password" }],
    ] as const
  ).flatMap(([what, payload]): Row[] => {
    // A unique name for each request.
    const own = () => ("username" in payload ? { username: name() } : payload);
    const route = "PATCH /api/people/:person";
    return [
      {
        route,
        action: `${what} an ordinary account`,
        ask: (fixture) => personAt({}, "", own())(fixture),
        expected: STAFF,
      },
      {
        route,
        action: `${what} a staff account`,
        ask: (fixture) => personAt(STAFF_MEMBER, "", own())(fixture),
        expected: "password" in payload ? SUPERUSERS : STAFF,
      },
      {
        route,
        action: `${what} a superuser`,
        ask: (fixture) => personAt(SUPERUSER, "", own())(fixture),
        expected: SUPERUSERS,
      },
    ];
  }),
  ...(
    [
      ["grant the staff flag", {}, { staff: true }],
      ["revoke the staff flag", STAFF_MEMBER, { staff: false }],
      ["set the staff flag to its value", {}, { staff: false }],
      ["grant the superuser flag", STAFF_MEMBER, { superuser: true }],
      ["revoke the superuser flag", SUPERUSER, { superuser: false }],
      ["touch a flag beside something harmless", {}, { active: true, superuser: false }],
    ] as const
  ).map(
    ([action, flags, payload]): Row => ({
      route: "PATCH /api/people/:person",
      action,
      ask: personAt(flags, "", payload),
      expected: SUPERUSERS,
    }),
  ),
  ...(
    [
      ["an ordinary account", {}, STAFF],
      ["a staff account", STAFF_MEMBER, SUPERUSERS],
      ["a superuser", SUPERUSER, SUPERUSERS],
    ] as const
  ).map(
    ([whose, flags, expected]): Row => ({
      route: "POST /api/people/:person/reset-link",
      action: `make a link to reset the password of ${whose}`,
      ask: personAt(flags, "/reset-link", {}),
      expected,
    }),
  ),
  {
    route: "POST /api/people/:person/sign-out",
    action: "sign an ordinary account out everywhere",
    ask: personAt({}, "/sign-out", {}),
    expected: STAFF,
  },
  {
    route: "POST /api/people/:person/sign-out",
    action: "sign a superuser out everywhere",
    ask: personAt(SUPERUSER, "/sign-out", {}),
    expected: SUPERUSERS,
  },
];
