import { deliveryRules } from "./delivery-rules.ts";
import { describeWithFixture, LayerContractFixture, type LayerContractOptions, type LayerFactory } from "./fixture.ts";
import { groupRules } from "./group-rules.ts";
import { lifecycleRules } from "./lifecycle-rules.ts";
import { limitRules } from "./limit-rules.ts";
import { messageRules } from "./message-rules.ts";
import { modelRules } from "./model-rules.ts";
import { nameRules } from "./name-rules.ts";

/**
 * Declares, in a vitest file, the tests of the rules L1 to L13 for a layer. Every title begins with its rule; what the
 * layer cannot keep is skipped with the reason that `options.unsupported` gives.
 *
 * ```ts
 * layerContract("MyLayer", (options) => new MyLayer(url, options), { unsupported: { bigint: "it speaks JSON" }, server });
 * ```
 */
export function layerContract(name: string, makeLayer: LayerFactory, options: LayerContractOptions = {}): void {
  if (options.server === undefined && options.unsupported?.server === undefined) {
    throw new Error(
      `layerContract("${name}"): expected options.server, to lose the server and get it back (L11); got none. ` +
        "Pass it, or say in options.unsupported.server why there is no server.",
    );
  }
  describeWithFixture(name, new LayerContractFixture(makeLayer, options), (fixture) => {
    nameRules(fixture);
    messageRules(fixture);
    deliveryRules(fixture);
    limitRules(fixture);
    groupRules(fixture);
    modelRules(fixture);
    lifecycleRules(fixture);
  });
}
