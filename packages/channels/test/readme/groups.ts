import { GroupControl, getLayer } from "@multichat/channels";

/** Closes all connections of a room, whichever process has them; from a consumer, a worker or a script. */
export async function closeRoom(room: string): Promise<number> {
  // Once per process, at its start: from then on it answers for its own connections.
  const control = await GroupControl.start(getLayer());
  const closing = await control.disconnect({ group: `room.${room}` }, { code: 4001, reason: "the room was closed" });
  if (closing.unanswered.length > 0) throw new Error(`No answer from ${closing.unanswered.join(", ")}.`);
  return closing.count;
}
