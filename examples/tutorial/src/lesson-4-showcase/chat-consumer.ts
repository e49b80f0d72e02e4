import { encoders, WebSocketConsumer } from "@multichat/channels";
import { groups, type TextEvents } from "./showcase-events.ts";

/** Everybody in one room, on pub/sub: the fastest layer. */
export class ChatConsumer extends WebSocketConsumer<TextEvents> {
  static override layer = "chat";
  static override groups = [groups.chat];
  static override encoders = encoders<TextEvents>({ "text.message": ({ text }) => text });

  override async connect(): Promise<void> {
    this.accept();
    await this.tell("📢 Someone joined the chat");
  }

  override async receive(text: string): Promise<void> {
    await this.tell(`💬 ${text}`);
  }

  override async disconnect(): Promise<void> {
    await this.tell("❌ Someone left the chat.");
  }

  async tell(text: string): Promise<void> {
    await this.channelLayer.groupSend(groups.chat, { type: "text.message", text });
  }
}
