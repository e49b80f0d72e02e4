export { ApplicationCommunicator, type ApplicationCommunicatorOptions } from "./application-communicator.ts";
export { type EventuallyOptions, eventually } from "./eventually.ts";
export { Inbox } from "./inbox.ts";
export { layerContract } from "./layer-contract/layer-contract.ts";
export type {
  ContractLayerOptions,
  ContractServer,
  LayerCapability,
  LayerContractOptions,
  LayerFactory,
  LayerRule,
} from "./layer-contract/options.ts";
export { HandshakeRefused, LiveClient, type LiveRequest, type LiveServer, liveServer } from "./live-server.ts";
export { PausableClock } from "./pausable-clock.ts";
export type {
  ContractPresenceOptions,
  PresenceContractOptions,
  PresenceFactory,
  PresenceRule,
} from "./presence-contract/options.ts";
export { presenceContract } from "./presence-contract/presence-contract.ts";
export { SteppableClock } from "./steppable-clock.ts";
export { type CloseInfo, TestClient } from "./test-client.ts";
export { type CommunicatorOptions, type Handshake, WebsocketCommunicator } from "./websocket-communicator.ts";
