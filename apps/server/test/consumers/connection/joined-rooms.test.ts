import fc from "fast-check";
import { expect, test } from "vitest";
import { JoinedRooms } from "../../../src/consumers/connection/joined-rooms.ts";

const general = { id: "0190-general", number: 1 };
const random = { id: "0190-random", number: 2 };

test("finds a room by its id, its number and the digits of its number, and by nothing else", () => {
  const rooms = new JoinedRooms();
  rooms.add(general, { silent: false });
  for (const address of ["0190-general", 1, "1"]) expect(rooms.get(address)).toEqual({ ...general, isSilent: false });
  for (const address of ["01", "+1", " 1", 1.5, 2, "", "General"]) expect(rooms.get(address)).toBeUndefined();
});

test("keeps the last silent flag of a room that is added twice, and returns the room on removal", () => {
  const rooms = new JoinedRooms();
  rooms.add(general, { silent: true });
  rooms.add(general, { silent: false });
  expect(rooms.size).toBe(1);
  expect(rooms.remove(general)).toEqual({ ...general, isSilent: false });
  expect(rooms.remove(general)).toBeUndefined();
  expect(rooms.get(1)).toBeUndefined();
});

test("iterates in the order of joining, and skips nothing when rooms are removed during iteration", () => {
  const rooms = new JoinedRooms();
  rooms.add(random, { silent: false });
  rooms.add(general, { silent: false });
  const visited: number[] = [];
  for (const room of rooms) {
    rooms.remove(room);
    visited.push(room.number);
  }
  expect(visited).toEqual([2, 1]);
  expect(rooms.size).toBe(0);
});

test("agrees with a map, for any number of rooms and any order of changes", () => {
  const step = fc.record({
    do: fc.constantFrom("add" as const, "add" as const, "add" as const, "remove" as const),
    number: fc.integer({ min: 1, max: 30 }),
    silent: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const rooms = new JoinedRooms();
      const model = new Map<string, { id: string; number: number; isSilent: boolean }>();
      for (const { do: action, number, silent } of steps) {
        const ref = { id: `room-${number}`, number };
        if (action === "add") {
          rooms.add(ref, { silent });
          model.set(ref.id, { ...ref, isSilent: silent });
        } else {
          expect(rooms.remove(ref)).toEqual(model.get(ref.id));
          model.delete(ref.id);
        }
        expect([...rooms]).toEqual([...model.values()]);
        expect(rooms.size).toBe(model.size);
        for (const address of [ref.id, number, String(number)]) expect(rooms.get(address)).toEqual(model.get(ref.id));
        expect(rooms.has(ref.id)).toBe(model.has(ref.id));
      }
    }),
  );
});
