import type { RoomEvent } from "@multichat/client";
import type { RoomPatch } from "@multichat/protocol";
import type { I18n } from "../../../../i18n/i18n.ts";

type Translate = I18n["t"];

/** Describes an event of a room, one sentence per change. */
export function describeEvent(event: RoomEvent, t: Translate): readonly string[] {
  switch (event.on) {
    case "room.created":
      return [t("event.created", { name: getActorName(event.by, t) })];
    case "room.changed":
      return describeChanges(event.changes, getActorName(event.by, t), t);
    case "member.joined": {
      const user = event.user.username;
      const byThemselves = event.by === null || event.by.id === event.user.id;
      return [
        byThemselves ? t("event.joined", { name: user }) : t("event.added", { name: getActorName(event.by, t), user }),
      ];
    }
    case "member.left":
      return [t("event.left", { name: event.user.username })];
    case "member.removed":
      return [
        t(event.banned ? "event.banned" : "event.removed", {
          name: getActorName(event.by, t),
          user: event.user.username,
        }),
      ];
  }
}

/** Events without an account come from the operator, through the command line. */
function getActorName(by: EventActor, t: Translate): string {
  return by?.username ?? t("event.operator");
}

type EventActor = Extract<RoomEvent, { by: unknown }>["by"];

function describeChanges(changes: RoomPatch, name: string, t: Translate): readonly string[] {
  const { title, topic, archived, staffOnly, kind, slowModeSeconds } = changes;
  const sentences: string[] = [];
  if (title !== undefined) sentences.push(t("event.renamed", { name, title }));
  if (topic !== undefined)
    sentences.push(topic === "" ? t("event.topicRemoved", { name }) : t("event.topic", { name, topic }));
  if (archived !== undefined) sentences.push(t(archived ? "event.archived" : "event.unarchived", { name }));
  if (staffOnly !== undefined) sentences.push(t(staffOnly ? "event.staffOnly" : "event.staffOnlyOff", { name }));
  if (kind !== undefined) sentences.push(t(kind === "private" ? "event.private" : "event.open", { name }));
  if (slowModeSeconds !== undefined) {
    sentences.push(
      slowModeSeconds === 0 ? t("event.slowModeOff", { name }) : t("event.slowMode", { name, count: slowModeSeconds }),
    );
  }
  return sentences;
}
