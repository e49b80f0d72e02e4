/** The events on the showcase's layers. The sender formats the text. */
export type TextEvents = { "text.message": { text: string } };
export type NotificationEvents = { "notification.message": { kind: string; message: string } };

/** The group of each showcase, on the layer with the same alias. */
export const groups = {
  chat: "chat_room",
  queue: "reliable_chat",
  notifications: "notifications",
  analytics: "analytics",
} as const;
