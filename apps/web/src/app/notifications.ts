import type { Message } from "@multichat/protocol";
import { chat } from "../connection/chat.ts";
import { describeMessage } from "../markup/plain-text.ts";
import { getRoomName } from "../state/room-name.ts";
import { preferences } from "../state/storage/preferences.ts";
import { chooseNotifyLevel, shouldNotify } from "../state/unread/should-notify.ts";

const MAX_BODY_CHARS = 180;

function showNotification(message: Message, title: string, open: () => void): void {
  const body = describeMessage(message).slice(0, MAX_BODY_CHARS);
  // The tag: each room has one notification, for its latest message.
  const notification = new Notification(title, { body, tag: `multichat-${message.room}` });
  notification.onclick = () => {
    window.focus();
    open();
    notification.close();
  };
}

/**
 * Shows desktop notifications of messages that arrive while the page is hidden, if the user turned them on.
 *
 * @param openRoom shows the room of this number
 */
export function startNotifications(openRoom: (room: number) => void): void {
  chat.listen((event) => {
    if (event.on !== "message.posted" || document.visibilityState === "visible") return;
    if (!("Notification" in window) || Notification.permission !== "granted") return;
    const { message } = event;
    const room = chat.rooms.find(event.room);
    const me = chat.me.get();
    if (room === undefined || me === null) return;
    const { status } = chat.presence.own.get();
    const level = chooseNotifyLevel(preferences.get().notify, chat.preferences.get().get(room.id)?.notify);
    if (!shouldNotify(message, room, me.id, level, status)) return;
    showNotification(message, getRoomName(room, me.id), () => openRoom(room.number));
  });
}
