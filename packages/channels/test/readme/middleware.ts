import { authMiddleware, chain, mount, originValidator, refuse, route, urlRouter } from "@multichat/channels";
import { RoomConsumer } from "./room.ts";

const signedIn = chain()
  .use(originValidator())
  .use(authMiddleware(({ cookies }) => findUser(cookies.get("session"))))
  // Each part sees what earlier ones have added. A consumer reads it as this.scope.state.plan.
  .provide(({ user }) => ({ plan: user.name === "alice" ? "team" : "free" }));

const paying = signedIn.provide(({ state }) => (state.plan === "free" ? refuse(402, "not in your plan") : {}));

export const site = urlRouter([
  mount("/team", paying(urlRouter([route("/room/:room", RoomConsumer)]))),
  mount("/ws", signedIn(urlRouter([route("/room/:room", RoomConsumer)]))),
]);

async function findUser(session: string | undefined): Promise<{ name: string } | undefined> {
  return session === undefined ? undefined : { name: session };
}
