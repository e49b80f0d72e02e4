import { getLayer, typedGroup } from "@multichat/channels";
import { groups, type NotificationEvents, type TextEvents } from "./showcase-events.ts";

/** Prints a line of progress. */
export type Print = (line: string) => void;

const text = (alias: "chat" | "queue" | "analytics") => typedGroup<TextEvents>(getLayer(alias), groups[alias]);
const notifications = () => typedGroup<NotificationEvents>(getLayer("notifications"), groups.notifications);

/** Examples of sending from outside any connection, through the layers that `setupLayers` registered. */
const EXAMPLES: readonly (readonly [title: string, run: (print: Print) => Promise<void>])[] = [
  [
    "Chat Message",
    async (print) => {
      await text("chat").send({ type: "text.message", text: "🔔 System announcement: Welcome to the chat!" });
      print("✅ Chat message sent!");
    },
  ],
  [
    "Reliable Message",
    async (print) => {
      await text("queue").send({
        type: "text.message",
        text: "🔒 Important: System maintenance scheduled for tonight",
      });
      print("✅ Reliable message sent!");
    },
  ],
  [
    "Notification",
    async (print) => {
      await notifications().send({
        type: "notification.message",
        kind: "system",
        message: "🚨 Alert: High CPU usage detected on server",
      });
      print("✅ Notification sent!");
    },
  ],
  [
    "Analytics Events",
    async (print) => {
      const events = [
        "user_login:john_doe",
        "page_view:/dashboard",
        "button_click:export_data",
        "session_duration:1234",
        "error:api_timeout",
      ];
      for (const event of events) await text("analytics").send({ type: "text.message", text: `📊 Event: ${event}` });
      print(`✅ Sent ${events.length} analytics events!`);
    },
  ],
  [
    "Multi-layer Broadcast",
    async (print) => {
      print("🚀 Broadcasting to multiple layers...");
      await Promise.all([
        text("chat").send({ type: "text.message", text: "💬 Multi-layer broadcast: Chat message" }),
        text("queue").send({ type: "text.message", text: "📨 Multi-layer broadcast: Reliable message" }),
        notifications().send({
          type: "notification.message",
          kind: "broadcast",
          message: "🔔 Multi-layer broadcast: Notification",
        }),
      ]);
      print("✅ Multi-layer broadcast complete!");
    },
  ],
  [
    "Periodic Announcements",
    async (print) => {
      print("⏰ Starting periodic announcements...");
      for (const number of [1, 2, 3]) {
        if (number % 2 === 1) {
          await text("chat").send({ type: "text.message", text: `⏰ Hourly chat announcement #${number}` });
        } else {
          await notifications().send({
            type: "notification.message",
            kind: "periodic",
            message: `🔔 System status update #${number}`,
          });
        }
        print(`✅ Sent announcement #${number}`);
      }
      print("✅ Periodic announcements complete!");
    },
  ],
];

/** Runs all examples in order. */
export async function sendExamples(print: Print): Promise<void> {
  print("=== External Messaging with Centralized Layers ===\n");
  for (const [title, run] of EXAMPLES) {
    print(`🎯 Running: ${title}`);
    await run(print);
    print("");
  }
  print("=== All Examples Complete! ===");
}
