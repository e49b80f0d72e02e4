export { layerContract } from "./layer/layer-contract.ts";
export type {
  ContractLayerOptions,
  ContractServer,
  LayerCapability,
  LayerContractOptions,
  LayerFactory,
  LayerRule,
} from "./layer/options.ts";
export type {
  ContractPresenceOptions,
  PresenceContractOptions,
  PresenceFactory,
  PresenceRule,
} from "./presence/options.ts";
export { presenceContract } from "./presence/presence-contract.ts";
