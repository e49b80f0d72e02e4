import { type ChannelApplication, refuse, type WebSocketApplication } from "../consumer/application.ts";

/** What a process serves, by kind of scope. */
export interface Application {
  readonly websocket: WebSocketApplication;
  readonly channel: ChannelApplication;
}

const noWebSockets: WebSocketApplication = () => refuse(404, "no WebSockets are served here");
const noChannels: ChannelApplication = Object.freeze({ names: Object.freeze([]), findConsumer: () => undefined });

/** WebSockets to the one, named channels to the other; what is left out is refused. */
export function protocolTypeRouter(routes: Partial<Application>): Application {
  return Object.freeze({ websocket: routes.websocket ?? noWebSockets, channel: routes.channel ?? noChannels });
}
