// Run by `npm run packages` on Node, Bun and Deno, with the packages installed from their tarballs.
import assert from "node:assert/strict";
import { LiveClient } from "@multichat/channels/testing";
import { sendHello } from "../readme/communicator.ts";
import { server } from "../readme/serve.ts";

/** Fewer than the burst that the example's rate limit allows. */
const MESSAGES = 15;

assert.deepEqual(await sendHello(), { from: "alice", text: "hello" });

const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
const url = `ws://127.0.0.1:${port}/ws/room/lobby`;
const bob = await LiveClient.connect(url, { headers: { cookie: "session=bob" } });
const cy = await LiveClient.connect(url, { headers: { cookie: "session=cy" } });
assert.deepEqual(await bob.receiveJson(), { joined: "cy" });
for (let i = 0; i < MESSAGES; i += 1) cy.sendJson(`message ${i}`);
for (let i = 0; i < MESSAGES; i += 1) {
  assert.deepEqual(await bob.receiveJson(), { from: "cy", text: `message ${i}` });
}
await assert.rejects(LiveClient.connect(url), { status: 401 });
await server.close();
assert.equal((await bob.closed).code, 1001);
console.log("served a room");
