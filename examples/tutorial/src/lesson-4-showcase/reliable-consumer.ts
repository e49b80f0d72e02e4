import { encoders, WebSocketConsumer } from "@multichat/channels";
import { groups, type TextEvents } from "./showcase-events.ts";

/** The same on the queue: a member that is busy for a moment finds its messages waiting on the server. */
export class ReliableConsumer extends WebSocketConsumer<TextEvents> {
  static override layer = "queue";
  static override groups = [groups.queue];
  static override encoders = encoders<TextEvents>({ "text.message": ({ text }) => text });

  override async connect(): Promise<void> {
    this.accept();
    await this.tell("🔒 Reliable chat connection established!");
  }

  override async receive(text: string): Promise<void> {
    await this.tell(`📨 ${text}`);
  }

  override async disconnect(): Promise<void> {
    await this.tell("🚪 Left reliable chat!");
  }

  async tell(text: string): Promise<void> {
    await this.channelLayer.groupSend(groups.queue, { type: "text.message", text });
  }
}
