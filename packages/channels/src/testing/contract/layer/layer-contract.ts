import { testControlRules } from "./control-rules.ts";
import { testDeliveryRules } from "./delivery-rules.ts";
import { describeWithFixture, LayerContractFixture } from "./fixture.ts";
import { testGroupRules } from "./group-rules.ts";
import { testHistoryRules } from "./history-rules.ts";
import { testLifecycleRules } from "./lifecycle-rules.ts";
import { testLimitRules } from "./limit-rules.ts";
import { testMessageRules } from "./message-rules.ts";
import { testModel } from "./model-rules.ts";
import { testNameRules } from "./name-rules.ts";
import type { LayerContractOptions, LayerFactory } from "./options.ts";

/**
 * Declares, in a vitest file, the tests of the rules L1 to L22 for a layer. Every title starts with the number of its
 * rule. Tests of capabilities in `options.unsupported` are skipped, and their titles show the reason.
 *
 * ```ts
 * layerContract("MyLayer", (options) => new MyLayer(url, options), { unsupported: { bigint: "it uses JSON" }, server
 * });
 * ```
 */
export function layerContract(name: string, createLayer: LayerFactory, options: LayerContractOptions = {}): void {
  if (options.server === undefined && options.unsupported?.server === undefined) {
    throw new Error(
      `layerContract("${name}"): expected options.server, to disconnect and reconnect the layer (L11); got none. ` +
        "Pass it, or give the reason in options.unsupported.server.",
    );
  }
  describeWithFixture(name, new LayerContractFixture(createLayer, options), (fixture) => {
    testNameRules(fixture);
    testMessageRules(fixture);
    testDeliveryRules(fixture);
    testLimitRules(fixture);
    testGroupRules(fixture);
    testHistoryRules(fixture);
    testControlRules(fixture);
    testModel(fixture);
    testLifecycleRules(fixture);
  });
}
