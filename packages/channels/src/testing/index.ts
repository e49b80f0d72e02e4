export { ApplicationCommunicator, type ApplicationCommunicatorOptions } from "./application-communicator.ts";
export { SteppableClock } from "./clock.ts";
export { type EventuallyOptions, eventually } from "./eventually.ts";
export { Inbox } from "./inbox.ts";
export { layerContract } from "./layer-contract.ts";
export type {
  ContractLayerOptions,
  ContractServer,
  LayerAbility,
  LayerContractOptions,
  LayerRule,
  MakeLayer,
} from "./layer-contract-kit.ts";
export { HandshakeRefused, LiveClient, type LiveRequest, type LiveServer, liveServer } from "./live-server.ts";
export { MortalClock } from "./mortal-clock.ts";
export { Peer, type PeerClose } from "./peer.ts";
export { presenceContract } from "./presence-contract.ts";
export type {
  ContractPresenceOptions,
  MakePresence,
  PresenceContractOptions,
  PresenceRule,
} from "./presence-contract-kit.ts";
export { type CommunicatorOptions, type Handshake, WebsocketCommunicator } from "./websocket-communicator.ts";
