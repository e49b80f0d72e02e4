import { expect, test } from "vitest";
import { pathWithin } from "../../src/state/address.ts";

test.each([
  ["/rooms/3", "", "/rooms/3"],
  ["/", "", "/"],
  ["/chat/rooms/3", "/chat", "/rooms/3"],
  ["/chat/", "/chat", "/"],
  ["/chat", "/chat", "/"],
  ["/chat/chat/stream", "/chat", "/chat/stream"],
  ["/a/b/c/rooms/1", "/a/b/c", "/rooms/1"],
  ["/%c3%a7hat/rooms/1", "/%C3%A7hat", "/rooms/1"],
  ["/%C3%A7hat/%C3%A7", "/%C3%A7hat", "/%C3%A7"],
  ["/chatter/rooms/3", "/chat", undefined],
  ["/rooms/3", "/chat", undefined],
  ["/", "/chat", undefined],
  ["//chat/rooms", "/chat", undefined],
  ["/a/b/x", "/a/b/c", undefined],
  ["/chat%2frooms", "/chat", undefined],
  ["/%/rooms", "/chat", undefined],
])("%s below %j is %s", (path, base, within) => {
  expect(pathWithin(path, base)).toBe(within);
});
