import type { ServerEvent } from "@multichat/protocol";
import type { LocalState, LocalStateParts } from "./local-state.ts";

/** Applies an event of the server to the part that it concerns. */
export function applyServerEvent(event: ServerEvent, parts: LocalStateParts, state: LocalState): void {
  const { directory, rooms, presence, preferences, persister } = parts;
  switch (event.on) {
    case "room.listed":
      directory.add(event.entry, event.membership);
      rooms.find(event.room)?.applyDescription(event.entry, { membership: event.membership });
      break;
    case "room.unlisted":
      directory.delete(event.room);
      state.markRoomGone(event.room);
      break;
    case "room.entered":
      rooms.find(event.room)?.occupantsChanged({ count: event.count, entered: [event.user] });
      break;
    case "room.exited":
      rooms.find(event.room)?.occupantsChanged({ count: event.count, exited: [event.user] });
      break;
    case "room.occupancy":
      rooms.find(event.room)?.occupantsChanged(event);
      break;
    case "typing.started":
      rooms.find(event.room)?.typingStarted(event.user);
      break;
    case "typing.stopped":
      rooms.find(event.room)?.typingStopped(event.user);
      break;
    case "presence.changed":
      presence.update(event);
      break;
    case "room.read": {
      const { seq: readSeq, revision: readRevision = 0, unread, mentions } = event;
      const room = rooms.find(event.room);
      room?.markerMoved({ readSeq, readRevision, unread, mentions });
      if (room?.isJoined !== true) directory.update(event.room, { unread, mentions });
      break;
    }
    case "preference.changed":
      preferences.update(event);
      persister?.saveClient();
      break;
    case "me.changed":
      state.signIn(event.me);
      break;
    case "server.draining":
      break;
    default:
      // An event that this version does not know has its place in a log too, if it has a seq.
      if (typeof event.seq === "number") rooms.find(event.room)?.receive(event);
  }
}
