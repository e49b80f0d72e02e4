import { Consumer, type EventOf, UnusableMessage } from "@multichat/channels";
import type { Message } from "@multichat/protocol";
import type { Schemas } from "@multichat/protocol/schemas";
import { OPERATOR } from "../../access/operator.ts";
import { Refusal } from "../../access/refusal.ts";
import type { Context } from "../../context.ts";
import { postNotice } from "../../messages/index.ts";

/** Messages from programs that reach only the channel layer. They are trusted like the operator; their shape is validated. */
export type NoticeEvents = {
  /** `id` is the sender's idempotency key. */
  "notice.post": { room: string | number; kind: string; text: string; id: string };
};

export interface NoticeServices {
  readonly context: Pick<Context, "store" | "broadcasts">;
  readonly schemas: Schemas;
  readonly onPosted: (notice: Message) => void;
}

/** Posts the notices that other programs send to its channel. A repeated id posts nothing. */
export abstract class NoticeConsumer extends Consumer<NoticeEvents> {
  protected abstract readonly services: NoticeServices;

  async noticePost(event: EventOf<NoticeEvents, "notice.post">): Promise<void> {
    const { context, schemas, onPosted } = this.services;
    const parsed = schemas.work["notice.post"].safeParse(event);
    if (!parsed.success) {
      const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
      throw new UnusableMessage(`expected { room, kind, text, id }; ${problems.join("; ")}`);
    }
    const { room, kind, text, id } = parsed.data;
    try {
      onPosted(await postNotice(context, OPERATOR, { room, kind, text, clientId: id }));
    } catch (error) {
      // A refusal is final; any other error may go away on the next attempt.
      if (error instanceof Refusal && error.code !== "UNAVAILABLE") {
        throw new UnusableMessage(`${error.code}: ${error.message}`, { cause: error });
      }
      throw error;
    }
  }
}
