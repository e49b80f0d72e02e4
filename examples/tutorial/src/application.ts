import {
  type Application,
  type Middleware,
  originValidator,
  protocolTypeRouter,
  route,
  stack,
  urlRouter,
} from "@multichat/channels";
import { SystemConsumer } from "./lesson-1-system-messages/system-consumer.ts";
import { CustomRoomConsumer } from "./lesson-2-room-chat/custom-room-consumer.ts";
import { RoomConsumer } from "./lesson-2-room-chat/room-consumer.ts";
import type { JobQueue } from "./lesson-3-background-jobs/job.ts";
import { JobConsumer } from "./lesson-3-background-jobs/job-consumer.ts";
import { AnalyticsConsumer } from "./lesson-4-showcase/analytics-consumer.ts";
import { ChatConsumer } from "./lesson-4-showcase/chat-consumer.ts";
import { NotificationConsumer } from "./lesson-4-showcase/notification-consumer.ts";
import { ReliableConsumer } from "./lesson-4-showcase/reliable-consumer.ts";

const routes = urlRouter([
  route("/ws/system", SystemConsumer),
  route("/ws/room/:room", RoomConsumer),
  route("/ws/custom-room/:room", CustomRoomConsumer),
  route("/ws/backgroundjob", JobConsumer),
  route("/ws/chat", ChatConsumer),
  route("/ws/reliable", ReliableConsumer),
  route("/ws/notifications", NotificationConsumer),
  route("/ws/analytics", AnalyticsConsumer),
]);

/** The routes of all four lessons. Rejects pages of other sites, and puts the job queue into the scope of the consumers. */
export function makeApplication(jobs: JobQueue): Application {
  const withJobs: Middleware<unknown, { jobs: JobQueue }> = (scope, next) => next({ ...scope, state: { jobs } });
  return protocolTypeRouter({ websocket: stack(originValidator(), withJobs)(routes) });
}
