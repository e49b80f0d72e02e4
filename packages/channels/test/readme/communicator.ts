import { WebsocketCommunicator } from "@multichat/channels/testing";
import { application } from "./serve.ts";

export async function sendHello(): Promise<unknown> {
  const alice = new WebsocketCommunicator(application, "/ws/room/lobby", { headers: { cookie: "session=alice" } });
  await alice.connect();
  alice.sendJson("hello");
  const reply = await alice.receiveJson();
  await alice.disconnect();
  return reply;
}
