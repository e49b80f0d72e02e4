import { runInTurnOnPostgres } from "../store/support/run-contract.ts";

runInTurnOnPostgres(
  {
    people: () => import("./two-servers-people.test.ts"),
    "a server that is killed": () => import("./server-killed.test.ts"),
    "an outage of Redis": () => import("./redis-outage.test.ts"),
  },
  { withRedis: true },
);
