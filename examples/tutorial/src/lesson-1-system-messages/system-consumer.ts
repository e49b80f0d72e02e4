import { WebSocketConsumer } from "@multichat/channels";

/** Lesson 1: one connection, no layer. Echoes each message to the client that sent it. */
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
