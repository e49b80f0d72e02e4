import { expect, test } from "vitest";
import { RequestFailed } from "../../src/connection/http.ts";
import { describeFailure, toSentence } from "../../src/hooks/use-describe-failure.ts";
import { en } from "../../src/i18n/en.ts";
import { createI18n } from "../../src/i18n/i18n.ts";

const english = createI18n("en", en, ["en-GB"]);

test.each([
  ["expected at most 80 characters", "Expected at most 80 characters."],
  ["This password is too short. Choose another one.", "This password is too short. Choose another one."],
])("toSentence(%j) is %j", (clause, sentence) => {
  expect(toSentence(clause)).toBe(sentence);
});

test("an invalid field is described by a sentence that names it", () => {
  const issues = [{ path: "roomCreators", message: "expected staff or everybody" }];
  const error = new RequestFailed("COMMAND_INVALID", "roomCreators: expected staff or everybody", { issues });
  expect(describeFailure(error, english)).toBe("Expected staff or everybody (roomCreators).");
});
