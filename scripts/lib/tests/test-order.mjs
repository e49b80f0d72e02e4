// The order in which test files start, and until when.
import { relative } from "node:path";
import { BaseSequencer } from "vitest/node";
import { ROOT } from "../machine.mjs";
import { DEADLINE_VARIABLE, ORDER_VARIABLE } from "./changed-tests.mjs";
import { SLOW_TESTS } from "./slow-tests.mjs";

/** Starts files in the order of {@link ORDER_VARIABLE}; without it the {@link SLOW_TESTS}, then the others as usual. */
export class TestOrder extends BaseSequencer {
  /** @override @param {import("vitest/node").TestSpecification[]} files */
  async sort(files) {
    const deadlineMs = Number(process.env[DEADLINE_VARIABLE]);
    if (deadlineMs > 0) setTimeout(() => this.ctx.cancelCurrentRun("keyboard-input"), deadlineMs).unref();
    const first = process.env[ORDER_VARIABLE]?.split(" ") ?? SLOW_TESTS;
    const rank = (/** @type {import("vitest/node").TestSpecification} */ file) => {
      const index = first.indexOf(relative(ROOT, file.moduleId));
      return index === -1 ? first.length : index;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
