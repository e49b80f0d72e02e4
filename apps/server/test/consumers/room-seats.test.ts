import { expect, test } from "vitest";
import { RoomSeats } from "../../src/consumers/room-seats.ts";

const general = { id: "0190-general", number: 1 };
const random = { id: "0190-random", number: 2 };

test("a seat is found by its id, its number and the number in digits, and by nothing else", () => {
  const seats = new RoomSeats();
  seats.take(general, false);
  for (const address of ["0190-general", 1, "1"]) expect(seats.at(address)).toEqual({ ...general, quiet: false });
  for (const address of ["01", "+1", " 1", 1.5, 2, "", "General"]) expect(seats.at(address)).toBeUndefined();
});

test("taking twice is once, as it was said last, and leaving says what there was to leave", () => {
  const seats = new RoomSeats();
  seats.take(general, true);
  seats.take(general, false);
  expect(seats.size).toBe(1);
  expect(seats.leave(general)).toEqual({ ...general, quiet: false });
  expect(seats.leave(general)).toBeUndefined();
  expect(seats.at(1)).toBeUndefined();
});

test("walking over the seats follows the order of joining, and leaving on the way skips nobody", () => {
  const seats = new RoomSeats();
  seats.take(random, false);
  seats.take(general, false);
  const walked: number[] = [];
  for (const seat of seats) {
    seats.leave(seat);
    walked.push(seat.number);
  }
  expect(walked).toEqual([2, 1]);
  expect(seats.size).toBe(0);
});
