import { getLayer, typedGroup } from "@multichat/channels";
import { groups, type NotificationEvents, type TextEvents } from "./showcase-events.ts";

/** What a script says as it goes. */
export type Say = (line: string) => void;

const text = (alias: "chat" | "queue" | "analytics") => typedGroup<TextEvents>(getLayer(alias), groups[alias]);
const notifications = () => typedGroup<NotificationEvents>(getLayer("notifications"), groups.notifications);

/** Each sends from outside any connection, through the layers that `setupLayers` registered. */
const examples: readonly (readonly [title: string, run: (say: Say) => Promise<void>])[] = [
  [
    "Chat Message",
    async (say) => {
      await text("chat").send({ type: "text.message", text: "🔔 System announcement: Welcome to the chat!" });
      say("✅ Chat message sent!");
    },
  ],
  [
    "Reliable Message",
    async (say) => {
      await text("queue").send({
        type: "text.message",
        text: "🔒 Important: System maintenance scheduled for tonight",
      });
      say("✅ Reliable message sent!");
    },
  ],
  [
    "Notification",
    async (say) => {
      await notifications().send({
        type: "notification.message",
        kind: "system",
        message: "🚨 Alert: High CPU usage detected on server",
      });
      say("✅ Notification sent!");
    },
  ],
  [
    "Analytics Events",
    async (say) => {
      const events = [
        "user_login:john_doe",
        "page_view:/dashboard",
        "button_click:export_data",
        "session_duration:1234",
        "error:api_timeout",
      ];
      for (const event of events) await text("analytics").send({ type: "text.message", text: `📊 Event: ${event}` });
      say(`✅ Sent ${events.length} analytics events!`);
    },
  ],
  [
    "Multi-layer Broadcast",
    async (say) => {
      say("🚀 Broadcasting to multiple layers...");
      await Promise.all([
        text("chat").send({ type: "text.message", text: "💬 Multi-layer broadcast: Chat message" }),
        text("queue").send({ type: "text.message", text: "📨 Multi-layer broadcast: Reliable message" }),
        notifications().send({
          type: "notification.message",
          kind: "broadcast",
          message: "🔔 Multi-layer broadcast: Notification",
        }),
      ]);
      say("✅ Multi-layer broadcast complete!");
    },
  ],
  [
    "Periodic Announcements",
    async (say) => {
      say("⏰ Starting periodic announcements...");
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
        say(`✅ Sent announcement #${number}`);
      }
      say("✅ Periodic announcements complete!");
    },
  ],
];

/** Runs all of them in order. */
export async function sendExamples(say: Say): Promise<void> {
  say("=== External Messaging with Centralized Layers ===\n");
  for (const [title, run] of examples) {
    say(`🎯 Running: ${title}`);
    await run(say);
    say("");
  }
  say("=== All Examples Complete! ===");
}
