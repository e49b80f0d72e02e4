import { expect, test } from "vitest";
import { loadOnce } from "../../src/accounts/load-once.ts";

test("all calls share one load, before and after it has ended", async () => {
  let loads = 0;
  const load = loadOnce(async () => {
    loads += 1;
    return { loads };
  });
  const results = await Promise.all(Array.from({ length: 50 }, () => load()));
  expect(new Set([...results, await load()]).size).toBe(1);
  expect(loads).toBe(1);
});

test.each([1, 2, 7])("after %i loads that failed, the next call tries again and is remembered", async (failures) => {
  let loads = 0;
  const load = loadOnce(async () => {
    loads += 1;
    if (loads <= failures) throw new Error(`no. ${loads}`);
    return "loaded";
  });
  for (let failure = 1; failure <= failures; failure += 1) {
    // Those that wait for the same load fail with it.
    const waiting = await Promise.allSettled([load(), load(), load()]);
    for (const { status } of waiting) expect(status).toBe("rejected");
    expect(loads).toBe(failure);
  }
  expect(await Promise.all([load(), load()])).toEqual(["loaded", "loaded"]);
  expect(await load()).toBe("loaded");
  expect(loads).toBe(failures + 1);
});
