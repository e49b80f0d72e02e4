/**
 * Labels are words of the full-text index that stand for the room, the author and the month of a message. Two rooms may
 * share a label by chance, so a candidate's room and author are compared once more.
 */

/** The label of every message. */
export const EVERY_MESSAGE = "every";

/** The end of the year 9999: the labels of later months have another length, and sort differently. */
const MAX_TIME_MS = 253_402_300_799_999;

export const roomLabel = (room: string): string => `r${alphanumeric(room)}`;

export const authorLabel = (author: string): string => `u${alphanumeric(author)}`;

/** Returns the label of a time's month in UTC, such as `m202601`. */
export function monthLabel(timeMs: number): string {
  const bounded = Math.min(Math.max(timeMs, 0), MAX_TIME_MS);
  return `m${new Date(bounded).toISOString().slice(0, 7).replace("-", "")}`;
}

function alphanumeric(id: string): string {
  return id.replace(/[^A-Za-z0-9]/g, "");
}
