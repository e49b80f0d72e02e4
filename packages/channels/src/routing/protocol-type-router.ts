import { type ChannelApplication, refuse, type WebSocketApplication } from "../consumer/application.ts";

/** The applications of a process by type of scope. */
export interface Application {
  readonly websocket: WebSocketApplication;
  readonly channel: ChannelApplication;
}

const refuseWebSockets: WebSocketApplication = () => refuse(404, "this server serves no WebSockets");
const noChannels: ChannelApplication = Object.freeze({ names: Object.freeze([]), findConsumer: () => undefined });

/** Combines an application for WebSockets and one for named channels. A type without an application is refused. */
export function protocolTypeRouter(routes: Partial<Application>): Application {
  return Object.freeze({ websocket: routes.websocket ?? refuseWebSockets, channel: routes.channel ?? noChannels });
}
