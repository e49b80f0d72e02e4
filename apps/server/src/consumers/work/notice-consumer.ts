import { Consumer, type EventOf, UnusableMessage } from "@multichat/channels";
import type { Message } from "@multichat/protocol";
import type { Schemas } from "@multichat/protocol/schemas";
import { OPERATOR } from "../../access/operator.ts";
import { Refusal } from "../../access/refusal.ts";
import type { Context } from "../../context.ts";
import { postNotice } from "../../messages/index.ts";

/** What programs send that reach only the layer. Who writes to it is trusted as the operator is; the form is checked. */
export type NoticeEvents = {
  /** `id`: the sender's name for the notice, so that sending it again is harmless. */
  "notice.post": { room: string | number; kind: string; text: string; id: string };
};

export interface NoticeServices {
  readonly context: Pick<Context, "store" | "broadcasts">;
  readonly schemas: Schemas;
  readonly onPosted: (notice: Message) => void;
}

/** Places the notices that other programs put into its channel: each id once, however often its message comes. */
export abstract class NoticeConsumer extends Consumer<NoticeEvents> {
  protected abstract readonly services: NoticeServices;

  async noticePost(event: EventOf<NoticeEvents, "notice.post">): Promise<void> {
    const { context, schemas, onPosted } = this.services;
    const parsed = schemas.work["notice.post"].safeParse(event);
    if (!parsed.success) {
      const wrong = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
      throw new UnusableMessage(`expected { room, kind, text, id }; ${wrong.join("; ")}`);
    }
    const { room, kind, text, id } = parsed.data;
    try {
      onPosted(await postNotice(context, OPERATOR, { room, kind, text, clientId: id }));
    } catch (error) {
      // The chat said no: it would say so again. Whatever else goes wrong may be right at the next try.
      if (error instanceof Refusal && error.code !== "UNAVAILABLE") {
        throw new UnusableMessage(`${error.code}: ${error.message}`, { cause: error });
      }
      throw error;
    }
  }
}
