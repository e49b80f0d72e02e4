// The test files that take longest, slowest first. The test runner starts them first, so that none of them is left running
// alone at the end; `npm test -- --changed` leaves them to the full run unless they changed.
export const SLOW_TESTS = [
  "e2e/test/connection.test.ts",
  "e2e/test/access.test.ts",
  "examples/tutorial/test/golden/golden.test.ts",
  "e2e/test/injection.test.ts",
  "packages/channels-redis/test/presence.test.ts",
  "bench/test/runs.test.ts",
  "e2e/test/rooms.test.ts",
  "apps/server/test/durability/kill.test.ts",
  "e2e/test/long-room.test.ts",
  "packages/channels-redis/test/layer-contract.test.ts",
  "packages/channels-redis/test/cluster.test.ts",
  "packages/channels-redis/test/shards-contract.test.ts",
  "packages/client/test/integration/real-server.test.ts",
  "packages/channels-redis/test/websocket-servers.test.ts",
  "packages/channels-redis/test/acknowledged-work.test.ts",
  "apps/server/test/consumers/presence.test.ts",
  "apps/server/test/durability/stopping.test.ts",
  "apps/server/test/cli/launcher.test.ts",
];
