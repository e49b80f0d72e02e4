import { expect, test } from "vitest";
import { explainWeakPassword } from "../../src/accounts/password-policy.ts";

const OWNER = { username: "Älice.Smith", email: "wonder@example.org" };

test.each([
  "password",
  "PASSWORD",
  "Password1!",
  "P@ssw0rd",
  "p455w0rd99",
  "drowssap",
  "12345678",
  "qwertyuiop",
  "iloveyou",
  "letmein123",
  "hunter2hunter2",
  "  monkey  ",
  "ｐａｓｓｗｏｒｄ",
  "trustno1",
  "baseball!!",
  "monkeymonkeymonkey",
])("a password from lists of stolen ones, or close to one, is refused: %s", async (password) => {
  expect(await explainWeakPassword(password, OWNER)).toMatch(/stolen passwords|counts them up/);
});

test.each([
  "älice.smith",
  "ÄLICE.SMITH",
  "A\u0308lice.Smith",
  "älice.smith12",
  "!älice.smith!",
  "htims.ecilä",
  "wonder",
  "Wonder99",
])("a password that is the name or little else is refused: %s", async (password) => {
  expect(await explainWeakPassword(password, OWNER)).toMatch(/username/);
});

test.each([
  "multichat",
  "MultiChat",
  "Multichat24!",
  "tahcitlum",
  "mult1chat",
  "multichatmultichat",
  "administrator",
  "Admin123",
])("a password that is the product or little else is refused: %s", async (password) => {
  expect(await explainWeakPassword(password, OWNER)).toMatch(/product/);
});

test.each(["aaaaaaaa", "abababab", "11111111", "abcabcabc", "abcdefgh", "98765432", "ABCDEFGHIJ", "😀😀😀😀😀😀😀😀"])(
  "a password that repeats or counts is refused: %s",
  async (password) => {
    expect(await explainWeakPassword(password, OWNER)).toMatch(/repeats/);
  },
);

test.each([
  "correct horse battery",
  "correct horse battery staple",
  "the password of carol",
  "a long password",
  "pässwörd",
  "multichat is my favourite",
  "älice.smith likes cats",
  "monkey-bicycle-77",
  "x7#kQ9!pLm2",
  "пароль-на-русском",
  "密码很长的密码安全",
])("a password that is hard to guess is accepted: %s", async (password) => {
  expect(await explainWeakPassword(password, OWNER)).toBeUndefined();
});
