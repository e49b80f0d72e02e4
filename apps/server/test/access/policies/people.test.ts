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
const FLAG_COMBINATIONS: PersonFlags[] = [undefined, false, true].flatMap((staff) =>
  [undefined, false, true].map((superuser) => ({ staff, superuser })),
);

describe("an ordinary user", () => {
  test("cannot see, create, change or sign out anyone, nor see or change settings", () => {
    expect(canSeePeople(USER)).toBe(false);
    expect(canSeeSettings(USER)).toBe(false);
    expect(canChangeSettings(USER)).toBe(false);
    for (const flags of FLAG_COMBINATIONS) {
      expect(canCreatePerson(USER, flags)).toBe(false);
      for (const person of [USER, SUPERUSER]) expect(canChangePerson(USER, person, flags)).toBe(false);
    }
    expect(canSignOutPerson(USER, USER)).toBe(false);
  });
});

test("passwords: staff set those of ordinary users, superusers those of everybody", () => {
  const change = { password: "a new one" };
  expect([USER, STAFF, SUPERUSER].map((person) => canChangePerson(USER, person, change))).toEqual([
    false,
    false,
    false,
  ]);
  expect([USER, STAFF, SUPERUSER].map((person) => canChangePerson(STAFF, person, change))).toEqual([
    true,
    false,
    false,
  ]);
  expect([USER, STAFF, SUPERUSER].map((person) => canChangePerson(SUPERUSER, person, change))).toEqual([
    true,
    true,
    true,
  ]);
});

describe("staff", () => {
  test("see people and settings, and change settings", () => {
    expect([canSeePeople(STAFF), canSeeSettings(STAFF), canChangeSettings(STAFF)]).toEqual([true, true, true]);
  });

  test("create accounts without flags", () => {
    for (const flags of FLAG_COMBINATIONS) {
      expect(canCreatePerson(STAFF, flags)).toBe(flags.staff !== true && flags.superuser !== true);
    }
  });

  test("change everyone but superusers, as long as the change has no flag", () => {
    for (const flags of FLAG_COMBINATIONS) {
      const hasFlag = flags.staff !== undefined || flags.superuser !== undefined;
      expect(canChangePerson(STAFF, USER, flags)).toBe(!hasFlag);
      expect(canChangePerson(STAFF, STAFF, flags)).toBe(!hasFlag);
      expect(canChangePerson(STAFF, SUPERUSER, flags)).toBe(false);
    }
    expect([canSignOutPerson(STAFF, STAFF), canSignOutPerson(STAFF, SUPERUSER)]).toEqual([true, false]);
  });
});

test("superusers may do everything", () => {
  for (const flags of FLAG_COMBINATIONS) {
    expect(canCreatePerson(SUPERUSER, flags)).toBe(true);
    for (const person of [USER, STAFF, SUPERUSER]) expect(canChangePerson(SUPERUSER, person, flags)).toBe(true);
  }
  expect(canSignOutPerson(SUPERUSER, SUPERUSER)).toBe(true);
});
