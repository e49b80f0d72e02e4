import type { TimelineItem } from "@multichat/client";
import type { Message, RoomListEntry } from "@multichat/protocol";
import { type RefObject, useCallback, useMemo, useRef, useState } from "react";
import { chat } from "../../connection/chat.ts";
import { useDescribeFailure } from "../../hooks/use-describe-failure.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { formatRoomAddress } from "../../navigation/columns.ts";
import { getMessagePermissions, type RoomPermissions } from "../../policies/message-policy.ts";
import type { ComposerHandle } from "../composer/composer.tsx";
import type { ConversationContextValue } from "../message/conversation-context.ts";
import type { MessageAction } from "../message/message-menu.tsx";
import { findMessage } from "./timeline/find-message.ts";
import type { MessageListHandle } from "./timeline/message-list.tsx";

/** A popup beside a message. */
export interface MessagePopup {
  /** The message's id. */
  readonly message: string;
  readonly kind: "menu" | "reactions";
  readonly anchor: DOMRect;
}

export interface MessageActionsState {
  readonly conversation: ConversationContextValue;
  readonly popup: MessagePopup | null;
  /** The message of the popup, as it is now. */
  readonly message: Message | undefined;
  /** A dialog about a message. */
  readonly dialog: { readonly what: "delete" | "versions"; readonly message: Message } | null;
  /** What came of the last thing that was done, where that is to be said. */
  readonly status: ActionStatus | null;
  readonly runAction: (action: MessageAction) => void;
  readonly react: (emoji: string) => void;
  readonly openEmojiPicker: () => void;
  readonly closePopup: () => void;
  readonly closeDialog: () => void;
  readonly dismissStatus: () => void;
  /** The latest message of one's own that can be edited. */
  readonly findLastEditable: () => Message | undefined;
}

export interface ActionStatus {
  readonly text: string;
  readonly isError: boolean;
}

interface Options {
  readonly room: RoomListEntry;
  readonly rights: RoomPermissions;
  readonly items: readonly TimelineItem[];
  readonly list: RefObject<MessageListHandle | null>;
  readonly composer: RefObject<ComposerHandle | null>;
}

/** Everything that is done to messages of a conversation, and what is open for it. */
export function useMessageActions({
  room,
  rights: roomPermissions,
  items,
  list,
  composer,
}: Options): MessageActionsState {
  const { t } = useI18n();
  const describe = useDescribeFailure();
  const [popup, setOpened] = useState<MessagePopup | null>(null);
  const [dialog, setAsked] = useState<MessageActionsState["dialog"]>(null);
  const [status, setSaid] = useState<ActionStatus | null>(null);
  const latest = useRef({ items, rights: roomPermissions, t, describe });
  latest.current = { items, rights: roomPermissions, t, describe };

  const { id, number } = room;

  const report = useCallback((error: unknown) => {
    const now = latest.current;
    setSaid({ text: now.t("message.notDone", { why: now.describe(error) }), isError: true });
  }, []);

  const conversation = useMemo<ConversationContextValue>(
    () => ({
      roomId: id,
      number,
      roomPermissions,
      reply(message) {
        composer.current?.reply(message);
      },
      react(message, emoji, on) {
        setSaid(null);
        chat.room(id).react(message.id, emoji, { added: on }).catch(report);
      },
      openPopup(message, kind, beside) {
        setOpened({ message: message.id, kind, anchor: beside.getBoundingClientRect() });
      },
    }),
    [id, number, roomPermissions, report, composer],
  );

  const message = popup === null ? undefined : findMessage(items, popup.message);

  const closePopup = useCallback(() => {
    setOpened((before) => {
      if (before !== null) list.current?.focusMessage(before.message);
      return null;
    });
  }, [list]);

  function copy(text: string, done: string | null): void {
    navigator.clipboard.writeText(text).then(
      () => setSaid(done === null ? null : { text: done, isError: false }),
      () => setSaid({ text: t("message.copyRefused"), isError: true }),
    );
  }

  function runAction(action: MessageAction): void {
    if (message === undefined) return;
    setSaid(null);
    closePopup();
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
        copy(
          location.origin + formatRoomAddress({ open: [number], active: number, seq: message.seq }),
          t("message.copied"),
        );
        break;
      case "delete":
      case "versions":
        setAsked({ what: action, message });
    }
  }

  return {
    conversation,
    popup,
    message,
    dialog,
    status,
    runAction,
    react(emoji) {
      if (message === undefined) return;
      closePopup();
      const mine = message.reactions.some((reaction) => reaction.emoji === emoji && reaction.mine);
      conversation.react(message, emoji, !mine);
    },
    openEmojiPicker: () => setOpened((before) => (before === null ? null : { ...before, kind: "reactions" })),
    closePopup,
    closeDialog() {
      setAsked(null);
    },
    dismissStatus: () => setSaid(null),
    findLastEditable: useCallback(() => {
      const now = latest.current;
      // The last one is on its way, and no other one is meant.
      if (now.items.some(({ kind }) => kind === "pending")) return undefined;
      const own = now.items.findLast(
        (item) => item.kind === "message" && item.own && getMessagePermissions(item.message, now.rights).canEdit,
      );
      return own?.kind === "message" ? own.message : undefined;
    }, []),
  };
}
