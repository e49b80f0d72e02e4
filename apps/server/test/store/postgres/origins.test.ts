import { expect, test } from "vitest";
import { Origins } from "../../../src/store/postgres/origins.ts";

function createOrigins(): Origins {
  let names = 0;
  return new Origins(() => {
    names += 1;
    return `name-${names}`;
  });
}

test("a change is known after its commit was answered, and not before", () => {
  const origins = createOrigins();
  const change = { id: 7, origin: origins.present };
  expect(origins.stateOf(change)).toBe("unanswered");
  origins.confirm(7);
  expect(origins.stateOf(change)).toBe("known");
  expect(origins.stateOf({ id: 6, origin: "another" })).toBe("unknown");
});

test("a change whose commit was never answered is read like one of another process, and earlier ones are not", () => {
  const origins = createOrigins();
  const { present } = origins;
  origins.confirm(7);
  origins.renew();
  expect(origins.present).not.toBe(present);
  expect(origins.stateOf({ id: 7, origin: present })).toBe("known");
  expect(origins.stateOf({ id: 8, origin: present })).toBe("unknown");
  expect(origins.stateOf({ id: 9, origin: origins.present })).toBe("unanswered");
});
