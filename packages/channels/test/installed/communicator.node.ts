// Run by `npm run packages` under `node --test`.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { sendHello } from "../readme/communicator.ts";
import { server } from "../readme/serve.ts";

after(() => server.close());

test("a communicator works under any test runner", async () => {
  assert.deepEqual(await sendHello(), { from: "alice", text: "hello" });
});
