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
import { personOf } from "./people.ts";

export const application: WebSocketApplication = stack(
  originValidator(),
  authMiddleware(personOf, { status: 403 }),
  rateLimit({ perConnection: { burst: 20, perSecond: 5 } }),
)(urlRouter([route("/chat/stream/?", MultiChatConsumer)]));
