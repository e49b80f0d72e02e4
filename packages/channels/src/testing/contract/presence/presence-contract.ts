import { describeWithFixture, PresenceContractFixture } from "./fixture.ts";
import { testMemberRules } from "./member-rules.ts";
import { testModel } from "./model-rules.ts";
import type { PresenceContractOptions, PresenceFactory } from "./options.ts";
import { testProcessRules } from "./process-rules.ts";
import { testWatchRules } from "./watch-rules.ts";

/**
 * Declares, in a vitest file, the tests of the rules P1 to P10 for a presence.
 *
 * ```ts
 * presenceContract("InMemoryPresence", (options) => new InMemoryPresence(options), { time: "stepped" });
 * ```
 */
export function presenceContract(
  name: string,
  createPresence: PresenceFactory,
  options: PresenceContractOptions = {},
): void {
  describeWithFixture(name, new PresenceContractFixture(createPresence, options), (fixture) => {
    testMemberRules(fixture);
    testWatchRules(fixture);
    testProcessRules(fixture);
    testModel(fixture);
  });
}
