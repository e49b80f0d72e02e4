import {
  authMiddleware,
  originValidator,
  rateLimit,
  route,
  stack,
  urlRouter,
  type WebSocketApplication,
} from "@multichat/channels";
import { MultiChatConsumer } from "./multichat-consumer.ts";
import { authenticate } from "./users.ts";

export const application: WebSocketApplication = stack(
  rateLimit({ perConnection: { burst: 20, perSecond: 5 } }),
  originValidator(),
  authMiddleware(authenticate, { status: 403 }),
)(urlRouter([route("/chat/stream/?", MultiChatConsumer)]));
