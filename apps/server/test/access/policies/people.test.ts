import { describe, expect, test } from "vitest";
import {
  canChangePerson,
  canCreatePerson,
  canSeePeople,
  canSignOutPerson,
  type PersonFlags,
} from "../../../src/access/policies/people.ts";
import { canChangeSettings, canSeeSettings } from "../../../src/access/policies/settings.ts";

const USER = { staff: false, superuser: false };
const STAFF = { staff: true, superuser: false };
const SUPERUSER = { staff: true, superuser: true };
const EVERY_FLAGS: PersonFlags[] = [undefined, false, true].flatMap((staff) =>
  [undefined, false, true].map((superuser) => ({ staff, superuser })),
);

describe("ordinary people", () => {
  test("see, make, change and sign out nobody, and touch no setting", () => {
    expect(canSeePeople(USER)).toBe(false);
    expect(canSeeSettings(USER)).toBe(false);
    expect(canChangeSettings(USER)).toBe(false);
    for (const flags of EVERY_FLAGS) {
      expect(canCreatePerson(USER, flags)).toBe(false);
      for (const person of [USER, SUPERUSER]) expect(canChangePerson(USER, person, flags)).toBe(false);
    }
    expect(canSignOutPerson(USER, USER)).toBe(false);
  });
});

describe("staff", () => {
  test("see people and settings", () => {
    expect([canSeePeople(STAFF), canSeeSettings(STAFF), canChangeSettings(STAFF)]).toEqual([true, true, true]);
  });

  test("make accounts without flags", () => {
    for (const flags of EVERY_FLAGS) {
      expect(canCreatePerson(STAFF, flags)).toBe(flags.staff !== true && flags.superuser !== true);
    }
  });

  test("change whoever is no superuser, as long as no flag is mentioned", () => {
    for (const flags of EVERY_FLAGS) {
      const mentioned = flags.staff !== undefined || flags.superuser !== undefined;
      expect(canChangePerson(STAFF, USER, flags)).toBe(!mentioned);
      expect(canChangePerson(STAFF, STAFF, flags)).toBe(!mentioned);
      expect(canChangePerson(STAFF, SUPERUSER, flags)).toBe(false);
    }
    expect([canSignOutPerson(STAFF, STAFF), canSignOutPerson(STAFF, SUPERUSER)]).toEqual([true, false]);
  });
});

test("superusers do everything", () => {
  for (const flags of EVERY_FLAGS) {
    expect(canCreatePerson(SUPERUSER, flags)).toBe(true);
    for (const person of [USER, STAFF, SUPERUSER]) expect(canChangePerson(SUPERUSER, person, flags)).toBe(true);
  }
  expect(canSignOutPerson(SUPERUSER, SUPERUSER)).toBe(true);
});
