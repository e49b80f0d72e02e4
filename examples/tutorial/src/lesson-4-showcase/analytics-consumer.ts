import { encoders, WebSocketConsumer } from "@multichat/channels";
import { groups, type TextEvents } from "./showcase-events.ts";

/** Events for dashboards, without join and leave notices. */
export class AnalyticsConsumer extends WebSocketConsumer<TextEvents> {
  static override layer = "analytics";
  static override groups = [groups.analytics];
  static override encoders = encoders<TextEvents>({ "text.message": ({ text }) => text });

  override async receive(text: string): Promise<void> {
    await this.groupSend(groups.analytics, { type: "text.message", text: `📊 Analytics: ${text}` });
  }
}
