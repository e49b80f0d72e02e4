import { beforeEach } from "vitest";
import { describeOpenPages } from "./page-reports.ts";

// A setup file of the browser tests: what a page showed when a test failed can be the only trace of a rare failure's cause.
beforeEach(({ onTestFailed }) => {
  onTestFailed(async ({ task }) => {
    const [error] = task.result?.errors ?? [];
    const pages = await describeOpenPages();
    if (error !== undefined && pages !== "") error.message += `\n\n${pages}\n`;
  });
});
