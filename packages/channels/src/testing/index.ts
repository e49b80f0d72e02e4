export { ApplicationCommunicator, type ApplicationCommunicatorOptions } from "./application-communicator.ts";
export { type EventuallyOptions, eventually } from "./eventually.ts";
export { Inbox, type InboxOrder } from "./inbox.ts";
export { HandshakeRefused, LiveClient, type LiveRequest, type LiveServer, liveServer } from "./live-server.ts";
export { PausableClock } from "./pausable-clock.ts";
export { SteppableClock } from "./steppable-clock.ts";
export { type CloseInfo, TestClient } from "./test-client.ts";
export {
  type CommunicatorArguments,
  type CommunicatorOptions,
  type Handshake,
  WebsocketCommunicator,
} from "./websocket-communicator.ts";
