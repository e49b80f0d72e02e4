import { expect, test, vi } from "vitest";
import { createClient } from "../../src/index.ts";
import { RealServer } from "./real-server.ts";

// The kind: a limit of the server that the client does not know.

const until = (assertion: () => void) => vi.waitFor(assertion, { timeout: 300_000, interval: 20 });

test.each([
  [{ LIMIT_FRAME_BYTES: "2048" }, 5_000, "PAYLOAD_TOO_LARGE"],
  [{ LIMIT_FRAME_BYTES: "1024", LIMIT_COMMANDS_PER_SECOND: "2" }, 1_000, "PAYLOAD_TOO_LARGE"],
  [{ LIMIT_FRAME_BYTES: "1048576", LIMIT_MESSAGE_CHARS: "100000", LIMIT_HISTORY_PAGE: "5" }, 80_000, undefined],
  [{ LIMIT_FRAME_BYTES: "1048576", LIMIT_MESSAGE_CHARS: "1000" }, 80_000, "MESSAGE_INVALID"],
] as const)("with %j, a message of %d characters ends with %s, and the next one is sent", async (env, length, code) => {
  const server = await RealServer.start(["alice"], ["General"], env);
  const client = createClient({ url: server.url, token: await server.signIn("alice") });
  try {
    client.connect();
    await until(() => expect(client.rooms.get().status).toBe("live"));
    const room = client.room(client.rooms.find(1)?.id ?? "");
    room.open();
    const long = room.send("é".repeat(length)).delivered.then(
      () => undefined,
      (error: { code: string }) => error.code,
    );
    const next = room.send("next").delivered;
    expect(await long).toBe(code);
    expect((await next).body).toBe("next");
    expect(client.state.phase).toBe("open");
  } finally {
    client.disconnect();
    await server.dispose();
  }
});
