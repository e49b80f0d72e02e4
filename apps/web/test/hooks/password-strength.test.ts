import { expect, test } from "vitest";
import { judgePassword } from "../../src/hooks/password-strength.ts";

const OWNER = { username: "magnolia", email: null };

test.each([
  ["short", 1, undefined],
  ["password1", 1, "breached"],
  ["magnolia7", 1, "username"],
  ["multichat", 1, "product"],
  ["aaaaaaaaaaaaaaaaaaaa", 1, "repetition"],
  ["vexgloam", 2, undefined],
  ["Vexgl0am", 2, undefined],
  ["vexgloam tirn", 3, undefined],
  ["correct horse battery", 3, undefined],
  ["Vexgl0am-tirn7", 3, undefined],
  ["пароль-лиственница", 3, undefined],
  ["葡萄园里的十二只猫在下雨", 3, undefined],
] as const)("%s: %d, %s", (password, level, weakness) => {
  expect(judgePassword(password, OWNER, 8)).toEqual({ level, weakness });
});
