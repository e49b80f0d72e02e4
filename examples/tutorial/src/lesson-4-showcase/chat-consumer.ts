import { encoders, WebSocketConsumer } from "@multichat/channels";
import { groups, type TextEvents } from "./showcase-events.ts";

/** One room for all connections, on pub/sub: the fastest layer. */
export class ChatConsumer extends WebSocketConsumer<TextEvents> {
  static override layer = "chat";
  static override groups = [groups.chat];
  static override encoders = encoders<TextEvents>({ "text.message": ({ text }) => text });

  override async connect(): Promise<void> {
    this.accept();
    await this.broadcast("📢 Someone joined the chat");
  }

  override async receive(text: string): Promise<void> {
    await this.broadcast(`💬 ${text}`);
  }

  override async disconnect(): Promise<void> {
    await this.broadcast("❌ Someone left the chat.");
  }

  async broadcast(text: string): Promise<void> {
    await this.groupSend(groups.chat, { type: "text.message", text });
  }
}
