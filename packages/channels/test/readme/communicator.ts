import { WebsocketCommunicator } from "@multichat/channels/testing";
import { application } from "./serve.ts";

export async function aliceSaysHello(): Promise<unknown> {
  const alice = new WebsocketCommunicator(application, "/ws/room/lobby", { headers: { cookie: "session=alice" } });
  await alice.connect();
  alice.sendJson("hello");
  const answer = await alice.receiveJson();
  await alice.disconnect();
  return answer;
}
