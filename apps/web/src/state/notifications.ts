import type { Message } from "@multichat/protocol";
import { chat } from "../connection/chat.ts";
import { preferences } from "./preferences.ts";
import { roomName } from "./room-name.ts";
import { isWorthTelling } from "./should-notify.ts";

/** Characters of a message in a notification. */
const EXCERPT = 180;

function show(message: Message, title: string, open: () => void): void {
  const author = message.author === null ? "" : `${message.author.username}: `;
  const body = author + message.body.slice(0, EXCERPT);
  // The tag: a room has one notification, the latest.
  const notification = new Notification(title, { body, tag: `multichat-${message.room}` });
  notification.onclick = () => {
    window.focus();
    open();
    notification.close();
  };
}

/**
 * Tells by desktop notifications what others write while the page is hidden, where the person has asked for it.
 *
 * @param open shows the room of this number
 */
export function followNotifications(open: (room: number) => void): void {
  chat.listen((event) => {
    if (event.on !== "message.posted" || document.visibilityState === "visible") return;
    if (!("Notification" in window) || Notification.permission !== "granted") return;
    const { message } = event;
    const room = chat.rooms.find(event.room);
    const me = chat.me.get();
    if (room === undefined || me === null || !isWorthTelling(message, room, me.id, preferences.get().notify)) return;
    show(message, roomName(room, me.id), () => open(room.number));
  });
}
