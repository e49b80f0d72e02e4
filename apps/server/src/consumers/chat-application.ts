import {
  type Application,
  type MatchedConsumer,
  protocolTypeRouter,
  type Resolution,
  refuse,
  route,
  urlRouter,
  type WebSocketScope,
} from "@multichat/channels";
import { ERRORS, SUBPROTOCOL } from "@multichat/protocol";
import { ChatConsumer } from "./chat/chat-consumer.ts";
import { ClassicConsumer } from "./classic/classic-consumer.ts";
import type { ChatServices } from "./connection/chat-services.ts";
import { readCredentials } from "./connection/credentials.ts";
import type { ChatScope } from "./connection/room-connection.ts";

const routes = urlRouter([route("/ws", ChatConsumer), route("/chat/stream/?", ClassicConsumer)]);

/**
 * The chat's doors for sockets. The path comes first, so that what is not there is 404 to everybody; then the page that
 * opens the socket, because a browser sends its cookie from any page; then who it is.
 */
export function chatApplication(services: ChatServices): Application {
  return protocolTypeRouter({
    websocket: async (scope) => {
      // What the consumers need beside the route's parameters is put in below, once it is known who comes.
      const found = await routes(scope as WebSocketScope<ChatScope>);
      return found.kind === "matched" ? admit(services, found) : found;
    },
  });
}

async function admit(services: ChatServices, { scope, ...found }: MatchedConsumer): Promise<Resolution> {
  const { origin, host } = scope.headers;
  if (origin !== undefined && !services.originAllowed(origin, host)) {
    return refuse(403, ERRORS.ORIGIN_NOT_ALLOWED.message);
  }
  const classic = found.consumer === ClassicConsumer;
  if (!classic && !scope.subprotocols.includes(SUBPROTOCOL)) {
    return refuse(400, `Expected the subprotocol ${SUBPROTOCOL} in Sec-WebSocket-Protocol.`);
  }
  const actor = await services.context.accounts.authenticate(readCredentials(scope));
  if (actor === undefined) return refuse(classic ? 403 : 401, ERRORS.USER_HAS_TO_LOGIN.message);
  const known: WebSocketScope<ChatScope> = { ...scope, user: actor, state: services };
  return { ...found, scope: known };
}
