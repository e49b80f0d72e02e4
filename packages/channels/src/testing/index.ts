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
