import { encoders, JsonWebSocketConsumer, jsonFrame } from "@multichat/channels";
import { formatValue } from "../format-value.ts";
import { groups, type NotificationEvents } from "./showcase-events.ts";

/** Notifications as JSON, on their own layer, so that a flood of them does not fill the chat's mailboxes. */
export class NotificationConsumer extends JsonWebSocketConsumer<NotificationEvents> {
  static override layer = "notifications";
  static override groups = [groups.notifications];
  static override encoders = encoders<NotificationEvents>({
    "notification.message": ({ kind, message }) => jsonFrame({ type: kind, message }),
  });

  override async connect(): Promise<void> {
    this.accept();
    await this.notify("system", "🔔 Connected to notifications!");
  }

  override async receiveJson(content: unknown): Promise<void> {
    const message = parseMessage(content);
    if (message === undefined) return this.#sendError();
    await this.notify("user", `🔔 Notification: ${message}`);
  }

  override receiveInvalidJson(): void {
    this.#sendError();
  }

  async notify(kind: string, message: string): Promise<void> {
    await this.groupSend(groups.notifications, { type: "notification.message", kind, message });
  }

  #sendError(): void {
    this.sendJson({ type: "error", message: 'Expected a JSON object, like {"message": "hello"}' });
  }
}

/** Returns undefined if the content is not a JSON object. */
function parseMessage(content: unknown): string | undefined {
  if (typeof content !== "object" || content === null || Array.isArray(content)) return undefined;
  return "message" in content ? formatValue(content.message) : "No message";
}
