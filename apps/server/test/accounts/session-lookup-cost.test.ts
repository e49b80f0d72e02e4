import { expect, test, vi } from "vitest";
import { sharedHouse, signIn, somebody } from "./temp-accounts.ts";

const shared = sharedHouse();

/**
 * What a look-up costs, measured over several runs on two shared cores: known 2 to 4 us of CPU, forged 5 to 9 us (one HMAC,
 * no query), unknown 35 to 75 us (the HMAC, one indexed read, the cache).
 */
test("neither a known session nor a forged one costs a query, and a forgotten one costs one", async () => {
  const house = shared();
  const { id, username } = await somebody(house);
  const { cookie } = await signIn(house, username);
  await house.accounts.authenticate({ cookie });
  const findSession = vi.spyOn(house.store.people, "findSession");
  for (let i = 0; i < 100; i += 1) {
    expect(await house.accounts.authenticate({ cookie: `theme=dark; ${cookie}` })).toBeDefined();
    expect(await house.accounts.authenticate({ cookie: `${cookie.slice(0, -5)}x%3D` })).toBeUndefined();
  }
  expect(findSession).not.toHaveBeenCalled();
  house.accounts.clearCache(id);
  for (let i = 0; i < 100; i += 1) expect(await house.accounts.authenticate({ cookie })).toMatchObject({ id });
  expect(findSession).toHaveBeenCalledTimes(1);
  findSession.mockRestore();
});
