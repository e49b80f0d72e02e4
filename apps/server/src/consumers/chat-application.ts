import { setTimeout } from "node:timers/promises";
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
import { addressKey } from "../access/address-key.ts";
import type { Actor } from "../accounts/accounts.ts";
import { makeTargetReader } from "../config/base-path.ts";
import { ChatConsumer } from "./chat/chat-consumer.ts";
import { ClassicConsumer } from "./classic/classic-consumer.ts";
import type { ChatServices } from "./connection/chat-services.ts";
import { readCredentials } from "./connection/credentials.ts";
import type { ChatScope } from "./connection/room-connection.ts";

const routes = urlRouter([route("/ws/?", ChatConsumer), route("/chat/stream/?", ClassicConsumer)]);

/**
 * What is left of the request once it is admitted. It would be kept for as long as the connection, and its headers are larger
 * than the rest of it.
 */
const ADMITTED_REQUEST = Object.freeze({
  query: new URLSearchParams(),
  headers: Object.freeze({}),
  cookies: new Map<string, string>(),
});
const NO_SUBPROTOCOLS: readonly string[] = Object.freeze([]);
const SUBPROTOCOLS: readonly string[] = Object.freeze([SUBPROTOCOL]);

/**
 * Routes the chat's sockets. The path is checked first, so an unknown path is a 404 for everyone; then the origin, because a
 * browser sends its cookie from any page; then the credentials.
 */
export function chatApplication(services: ChatServices): Application {
  const readPath = makeTargetReader(services.basePath, "socket");
  return protocolTypeRouter({
    websocket: async (scope) => {
      // `admit` adds the rest of the scope once the user is known.
      const match = await routes({ ...(scope as WebSocketScope<ChatScope>), path: readPath(scope.path) });
      const resolution = match.kind === "matched" ? await admit(services, match) : match;
      if (resolution.kind === "refused") {
        // A client that repeats a handshake in vain would take the processor from the others.
        const delayMs = services.handshakeRefusals.delayMs(`ip:${addressKey(scope.client.address)}`);
        if (delayMs > 0) await setTimeout(delayMs);
      }
      return resolution;
    },
  });
}

type HandshakeError = "ORIGIN_NOT_ALLOWED" | "USER_HAS_TO_LOGIN" | "PASSWORD_CHANGE_REQUIRED";

async function admit(services: ChatServices, { scope, ...match }: MatchedConsumer): Promise<Resolution> {
  const { origin, host } = scope.headers;
  const deny = (code: HandshakeError, status: number = ERRORS[code].status, user: Actor | null = null) => {
    services.refusals.record({ code, actor: user, address: scope.client.address, target: `GET ${scope.path}` });
    return refuse(status, ERRORS[code].message);
  };
  if (origin !== undefined && !services.isOriginAllowed(origin, host)) return deny("ORIGIN_NOT_ALLOWED");
  const isClassic = match.consumer === ClassicConsumer;
  if (!isClassic && !scope.subprotocols.includes(SUBPROTOCOL)) {
    return refuse(400, `Expected the subprotocol ${SUBPROTOCOL} in Sec-WebSocket-Protocol.`);
  }
  const credentials = readCredentials(scope, services.basePath);
  const actor = await services.context.accounts.authenticate(credentials);
  if (actor === undefined) return deny("USER_HAS_TO_LOGIN", isClassic ? 403 : 401);
  if (actor.passwordChangeRequired === true) return deny("PASSWORD_CHANGE_REQUIRED", 403, actor);
  const chatScope: WebSocketScope<ChatScope> = {
    ...scope,
    ...ADMITTED_REQUEST,
    subprotocols: isClassic ? NO_SUBPROTOCOLS : SUBPROTOCOLS,
    user: actor,
    state: { services, credentials },
  };
  return { ...match, scope: chatScope };
}
