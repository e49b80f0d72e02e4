import { runInTurnOnPostgres } from "../store/support/run-contract.ts";

runInTurnOnPostgres(
  {
    "rooms and sessions": () => import("./two-servers.test.ts"),
    people: () => import("./two-servers-people.test.ts"),
    "a server that is killed": () => import("./server-killed.test.ts"),
  },
  { withRedis: false },
);
