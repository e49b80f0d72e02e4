import { InMemoryPresence } from "@multichat/channels";
import { SteppableClock } from "@multichat/channels/testing";
import { expect, test } from "vitest";
import { PresenceService } from "../../src/presence/presence-service.ts";

type Status = "online" | "busy" | "away" | "offline";
const STATUSES = ["online", "busy", "away", "offline"] as const satisfies readonly Status[];
/** Longer than the grace period and an update. */
const SETTLED_MS = 6_000;

/** Numbers that are the same in each run, by the seed (a linear congruential generator). */
function numbersOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

interface Device {
  readonly user: string;
  readonly channel: string;
  status: Status;
  text: string;
}

/** What a user should appear as: the most active status, with the text of the device that connected last. */
function expectedOf(devices: readonly Device[], user: string): string | undefined {
  for (const status of STATUSES.slice(0, 3)) {
    const device = devices.findLast((candidate) => candidate.user === user && candidate.status === status);
    if (device !== undefined) return `${status} ${device.text}`;
  }
  return undefined;
}

async function withService(run: (service: PresenceService, clock: SteppableClock) => Promise<void>): Promise<void> {
  const clock = new SteppableClock();
  const groups = new InMemoryPresence({ clock });
  const service = new PresenceService({ broadcasts: { publishPresence: async () => {} }, groups });
  await run(service, clock);
  // Nobody is left.
  await clock.advance(SETTLED_MS);
  expect(service.list(["u0", "u1", "u2"])).toEqual([]);
  expect(groups.stats()).toMatchObject({ groups: 0, members: 0, connections: 0 });
  await service.close();
}

test.each(["online", "busy", "away"] as const)(
  "a user who is %s and changes the text right away is offline after the last device has gone",
  async (status) => {
    for (const texts of [["a"], ["a", ""], ["a", "b", "a"], ["a", "b", "c", "d"]]) {
      for (const pauseMs of [0, 1, 100, 249, 250, 1_000]) {
        await withService(async (service, clock) => {
          await service.connect("u0", "desk");
          for (const text of texts) {
            await service.setStatus("u0", "desk", { status, text });
            await clock.advance(pauseMs);
          }
          await service.disconnect("u0", "desk");
        });
      }
    }
  },
);

test.each(Array.from({ length: 40 }, (_, index) => index + 1))(
  "after any history the users appear as their devices are (seed %i)",
  async (seed) => {
    const below = numbersOf(seed);
    await withService(async (service, clock) => {
      const devices: Device[] = [];
      for (let step = 0; step < 60; step += 1) {
        const device = devices[below(devices.length + 1)];
        if (device === undefined) {
          const added: Device = { user: `u${below(3)}`, channel: `c${step}`, status: "online", text: "" };
          devices.push(added);
          await service.connect(added.user, added.channel);
        } else if (below(3) === 0) {
          devices.splice(devices.indexOf(device), 1);
          await service.disconnect(device.user, device.channel);
        } else {
          device.status = STATUSES[below(4)] ?? "online";
          device.text = ["", "lunch", "home"][below(3)] ?? "";
          await service.setStatus(device.user, device.channel, { status: device.status, text: device.text });
        }
        await clock.advance([0, 0, 100, 250, SETTLED_MS][below(5)] ?? 0);
      }
      await clock.advance(SETTLED_MS);
      for (const user of ["u0", "u1", "u2"]) {
        const [presence] = service.list([user]);
        expect(presence && `${presence.status} ${presence.text}`, user).toEqual(expectedOf(devices, user));
      }
      for (const { user, channel } of devices) await service.disconnect(user, channel);
    });
  },
);
