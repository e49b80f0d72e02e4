import { deliveryRules } from "./layer-contract-delivery.ts";
import { groupRules } from "./layer-contract-groups.ts";
import { LayerContractKit, type LayerContractOptions, type MakeLayer, withKit } from "./layer-contract-kit.ts";
import { lifeRules } from "./layer-contract-life.ts";
import { limitRules } from "./layer-contract-limits.ts";
import { messageRules } from "./layer-contract-messages.ts";
import { modelRules } from "./layer-contract-model.ts";
import { nameRules } from "./layer-contract-names.ts";

/**
 * Declares, in a vitest file, the tests of the rules L1 to L13 for a layer. Every title begins with its rule; what the
 * layer cannot keep is skipped with the reason that `options.cannot` gives.
 *
 * ```ts
 * layerContract("MyLayer", (options) => new MyLayer(url, options), { cannot: { bigint: "it speaks JSON" }, server });
 * ```
 */
export function layerContract(name: string, makeLayer: MakeLayer, options: LayerContractOptions = {}): void {
  if (options.server === undefined && options.cannot?.server === undefined) {
    throw new Error(
      `layerContract("${name}"): expected options.server, to lose the server and get it back (L11); got none. ` +
        "Pass it, or say in options.cannot.server why there is no server.",
    );
  }
  withKit(name, new LayerContractKit(makeLayer, options), (kit) => {
    nameRules(kit);
    messageRules(kit);
    deliveryRules(kit);
    limitRules(kit);
    groupRules(kit);
    modelRules(kit);
    lifeRules(kit);
  });
}
