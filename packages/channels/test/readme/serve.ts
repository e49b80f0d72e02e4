import {
  authMiddleware,
  createServer,
  InMemoryLayer,
  originValidator,
  rateLimit,
  registerLayer,
  route,
  stack,
  urlRouter,
} from "@multichat/channels";
import { RoomConsumer } from "./room.ts";

registerLayer("default", new InMemoryLayer());

export const application = stack(
  rateLimit({ perConnection: { burst: 20, perSecond: 5 } }),
  originValidator({ allowed: ["https://chat.example"] }),
  authMiddleware(({ cookies }) => findUser(cookies.get("session"))),
)(urlRouter([route("/ws/room/:room", RoomConsumer)]));

export const server = createServer(application);
await server.listen({ port: Number(process.env.PORT ?? 8000) });

async function findUser(session: string | undefined): Promise<{ name: string } | undefined> {
  return session === undefined ? undefined : { name: session };
}
