/** What travels on the showcase's layers. The text is finished: whoever sends it decides how it reads. */
export type TextEvents = { "text.message": { text: string } };
export type NotificationEvents = { "notification.message": { kind: string; message: string } };

/** The group of each showcase, each on the layer of its alias. */
export const groups = {
  chat: "chat_room",
  queue: "reliable_chat",
  notifications: "notifications",
  analytics: "analytics",
} as const;
