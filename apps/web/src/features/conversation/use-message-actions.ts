import type { TimelineItem } from "@multichat/client";
import type { Message, RoomListEntry } from "@multichat/protocol";
import { type RefObject, useCallback, useMemo, useRef, useState } from "react";
import { chat } from "../../connection/chat.ts";
import { useDescribeFailure } from "../../hooks/use-describe-failure.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { addressOf } from "../../navigation/columns.ts";
import { type RoomRights, rightsOf } from "../../policies/message-policy.ts";
import type { ComposerHandle } from "../composer/composer.tsx";
import type { Place } from "../message/conversation-context.ts";
import type { MessageAction } from "../message/message-menu.tsx";
import { findMessage } from "./timeline/find-message.ts";
import type { MessageListHandle } from "./timeline/message-list.tsx";

/** A popup beside a message. */
export interface Opened {
  /** The message's id. */
  readonly message: string;
  readonly what: "menu" | "reactions";
  readonly at: DOMRect;
}

export interface MessageActionsState {
  readonly place: Place;
  readonly opened: Opened | null;
  /** The message of the popup, as it is now. */
  readonly message: Message | undefined;
  /** A dialog about a message. */
  readonly asked: { readonly what: "delete" | "versions"; readonly message: Message } | null;
  /** What came of the last thing that was done, where that is to be said. */
  readonly said: Said | null;
  readonly act: (action: MessageAction) => void;
  readonly react: (emoji: string) => void;
  readonly moreEmoji: () => void;
  readonly close: () => void;
  readonly closeDialog: () => void;
  readonly hush: () => void;
  /** The latest message of one's own that can be edited. */
  readonly lastOwn: () => Message | undefined;
}

export interface Said {
  readonly text: string;
  readonly problem: boolean;
}

interface Options {
  readonly room: RoomListEntry;
  readonly rights: RoomRights;
  readonly items: readonly TimelineItem[];
  readonly list: RefObject<MessageListHandle | null>;
  readonly composer: RefObject<ComposerHandle | null>;
}

/** Everything that is done to messages of a conversation, and what is open for it. */
export function useMessageActions({ room, rights, items, list, composer }: Options): MessageActionsState {
  const { t } = useI18n();
  const describe = useDescribeFailure();
  const [opened, setOpened] = useState<Opened | null>(null);
  const [asked, setAsked] = useState<MessageActionsState["asked"]>(null);
  const [said, setSaid] = useState<Said | null>(null);
  const latest = useRef({ items, rights, t, describe });
  latest.current = { items, rights, t, describe };

  const { id, number } = room;

  const report = useCallback((error: unknown) => {
    const now = latest.current;
    setSaid({ text: now.t("message.notDone", { why: now.describe(error) }), problem: true });
  }, []);

  const place = useMemo<Place>(
    () => ({
      room: id,
      number,
      rights,
      reply(message) {
        composer.current?.reply(message);
      },
      react(message, emoji, on) {
        setSaid(null);
        chat.room(id).react(message.id, emoji, { added: on }).catch(report);
      },
      open(message, what, beside) {
        setOpened({ message: message.id, what, at: beside.getBoundingClientRect() });
      },
    }),
    [id, number, rights, report, composer],
  );

  const message = opened === null ? undefined : findMessage(items, opened.message);

  const close = useCallback(() => {
    setOpened((before) => {
      if (before !== null) list.current?.focusMessage(before.message);
      return null;
    });
  }, [list]);

  function copy(text: string, done: string | null): void {
    navigator.clipboard.writeText(text).then(
      () => setSaid(done === null ? null : { text: done, problem: false }),
      () => setSaid({ text: t("message.copyRefused"), problem: true }),
    );
  }

  function act(action: MessageAction): void {
    if (message === undefined) return;
    setSaid(null);
    close();
    switch (action) {
      case "reply":
        composer.current?.reply(message);
        break;
      case "edit":
        composer.current?.edit(message);
        break;
      case "pin":
        chat.room(id).pin(message.id, { pinned: !message.pinned }).catch(report);
        break;
      case "copy-text":
        copy(message.body, null);
        break;
      case "copy-link":
        copy(location.origin + addressOf({ open: [number], active: number, seq: message.seq }), t("message.copied"));
        break;
      case "delete":
      case "versions":
        setAsked({ what: action, message });
    }
  }

  return {
    place,
    opened,
    message,
    asked,
    said,
    act,
    react(emoji) {
      if (message === undefined) return;
      close();
      const mine = message.reactions.some((reaction) => reaction.emoji === emoji && reaction.mine);
      place.react(message, emoji, !mine);
    },
    moreEmoji: () => setOpened((before) => (before === null ? null : { ...before, what: "reactions" })),
    close,
    closeDialog() {
      setAsked(null);
    },
    hush: () => setSaid(null),
    lastOwn: useCallback(() => {
      const now = latest.current;
      // The last one is on its way, and no other one is meant.
      if (now.items.some(({ kind }) => kind === "pending")) return undefined;
      const own = now.items.findLast(
        (item) => item.kind === "message" && item.own && rightsOf(item.message, now.rights).edit,
      );
      return own?.kind === "message" ? own.message : undefined;
    }, []),
  };
}
