import { relative } from "node:path";
import { BaseSequencer } from "vitest/node";
import { ROOT } from "../machine.mjs";
import { SLOW_TESTS } from "./slow-tests.mjs";

/** Runs {@link SLOW_TESTS} first, then the others in the usual order. */
export class SlowTestsFirst extends BaseSequencer {
  /** @override @param {import("vitest/node").TestSpecification[]} files */
  async sort(files) {
    const rank = (/** @type {import("vitest/node").TestSpecification} */ file) => {
      const index = SLOW_TESTS.indexOf(relative(ROOT, file.moduleId));
      return index === -1 ? SLOW_TESTS.length : index;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
