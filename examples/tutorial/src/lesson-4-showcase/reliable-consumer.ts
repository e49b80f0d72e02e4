import { encoders, WebSocketConsumer } from "@multichat/channels";
import { groups, type TextEvents } from "./showcase-events.ts";

/** The same on the queue layer: the messages of a busy member wait on the server. */
export class ReliableConsumer extends WebSocketConsumer<TextEvents> {
  static override layer = "queue";
  static override groups = [groups.queue];
  static override encoders = encoders<TextEvents>({ "text.message": ({ text }) => text });

  override async connect(): Promise<void> {
    this.accept();
    await this.broadcast("🔒 Reliable chat connection established!");
  }

  override async receive(text: string): Promise<void> {
    await this.broadcast(`📨 ${text}`);
  }

  override async disconnect(): Promise<void> {
    await this.broadcast("🚪 Left reliable chat!");
  }

  async broadcast(text: string): Promise<void> {
    await this.groupSend(groups.queue, { type: "text.message", text });
  }
}
