import { expect, test } from "vitest";
import { JoinedRooms } from "../../src/consumers/connection/joined-rooms.ts";

const general = { id: "0190-general", number: 1 };
const random = { id: "0190-random", number: 2 };

test("a seat is found by its id, its number and the number in digits, and by nothing else", () => {
  const seats = new JoinedRooms();
  seats.add(general, false);
  for (const address of ["0190-general", 1, "1"]) expect(seats.get(address)).toEqual({ ...general, isSilent: false });
  for (const address of ["01", "+1", " 1", 1.5, 2, "", "General"]) expect(seats.get(address)).toBeUndefined();
});

test("taking twice is once, as it was said last, and leaving says what there was to leave", () => {
  const seats = new JoinedRooms();
  seats.add(general, true);
  seats.add(general, false);
  expect(seats.size).toBe(1);
  expect(seats.remove(general)).toEqual({ ...general, isSilent: false });
  expect(seats.remove(general)).toBeUndefined();
  expect(seats.get(1)).toBeUndefined();
});

test("walking over the seats follows the order of joining, and leaving on the way skips nobody", () => {
  const seats = new JoinedRooms();
  seats.add(random, false);
  seats.add(general, false);
  const walked: number[] = [];
  for (const seat of seats) {
    seats.remove(seat);
    walked.push(seat.number);
  }
  expect(walked).toEqual([2, 1]);
  expect(seats.size).toBe(0);
});
