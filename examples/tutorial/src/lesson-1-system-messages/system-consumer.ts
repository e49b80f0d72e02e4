import { WebSocketConsumer } from "@multichat/channels";

/** Lesson 1: one connection, no layer. What a client sends comes back to that client and to nobody else. */
export class SystemConsumer extends WebSocketConsumer {
  static override layer = null;

  override connect(): void {
    this.accept();
    this.send("🔧 System: Connection established!");
  }

  override receive(text: string): void {
    this.send(`🔧 System Echo: ${text}`);
  }
}
