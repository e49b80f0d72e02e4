import { expect, test, vi } from "vitest";
import { createPerson, signIn, useSharedFixture } from "./accounts-fixture.ts";

const shared = useSharedFixture();

/**
 * What a look-up costs, measured over several runs on two shared cores: known 2 to 4 us of CPU, forged 5 to 9 us (one HMAC,
 * no query), unknown 35 to 75 us (the HMAC, one indexed read, the cache).
 */
test("looks up a cached or forged session without a query, and an uncached one with one query", async () => {
  const fixture = shared();
  const { id, username } = await createPerson(fixture);
  const { cookie } = await signIn(fixture, username);
  await fixture.accounts.authenticate({ cookie });
  const findSession = vi.spyOn(fixture.store.people, "findSession");
  for (let i = 0; i < 100; i += 1) {
    expect(await fixture.accounts.authenticate({ cookie: `theme=dark; ${cookie}` })).toBeDefined();
    expect(await fixture.accounts.authenticate({ cookie: `${cookie.slice(0, -5)}x%3D` })).toBeUndefined();
    expect(fixture.accounts.authenticateCached({ cookie })).toMatchObject({ id });
  }
  expect(findSession).not.toHaveBeenCalled();
  fixture.accounts.clearCache(id);
  expect(fixture.accounts.authenticateCached({ cookie })).toBeUndefined();
  for (let i = 0; i < 100; i += 1) expect(await fixture.accounts.authenticate({ cookie })).toMatchObject({ id });
  expect(findSession).toHaveBeenCalledTimes(1);
  findSession.mockRestore();
});
