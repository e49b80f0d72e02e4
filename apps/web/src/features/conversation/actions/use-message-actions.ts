import type { TimelineItem } from "@multichat/client";
import type { Message, RoomListEntry } from "@multichat/protocol";
import { findTask } from "@multichat/protocol/markup";
import { type RefObject, useCallback, useMemo, useRef, useState } from "react";
import { chat } from "../../../connection/chat.ts";
import { useDescribeFailure } from "../../../hooks/use-describe-failure.ts";
import { useI18n } from "../../../i18n/i18n.ts";
import { formatRoomAddress } from "../../../navigation/columns.ts";
import { getMessagePermissions, type RoomPermissions } from "../../../policies/message-policy.ts";
import { toUrl } from "../../../state/address.ts";
import { markUnread } from "../../../state/unread/mark-read.ts";
import type { ComposerHandle } from "../../composer/composer.tsx";
import type { MessageAction } from "../../message/actions/message-menu.tsx";
import type { ConversationContextValue, MessagePopupKind } from "../../message/conversation-context.ts";
import { findMessage } from "../timeline/find-message.ts";
import type { MessageListHandle } from "../timeline/message-list.tsx";

/** An open menu or emoji picker of a message. */
export interface MessagePopup {
  /** The message's id. */
  readonly message: string;
  readonly kind: MessagePopupKind;
  readonly anchor: DOMRect;
}

export interface MessageActionsState {
  readonly conversation: ConversationContextValue;
  readonly popup: MessagePopup | null;
  /** The popup's message in its current state. */
  readonly message: Message | undefined;
  /** An open dialog of a message. */
  readonly dialog: { readonly kind: "delete" | "forward" | "history"; readonly message: Message } | null;
  /** The result of the last action, if it is shown. */
  readonly status: ActionStatus | null;
  readonly runAction: (action: MessageAction) => void;
  readonly react: (emoji: string) => void;
  /** Puts a name into the message field. */
  readonly mention: (username: string) => void;
  readonly openEmojiPicker: () => void;
  readonly closePopup: () => void;
  readonly closeDialog: () => void;
  readonly reportForwarded: (room: string) => void;
  readonly dismissStatus: () => void;
  /** Returns the user's latest message that can be edited. */
  readonly findLastEditable: () => Message | undefined;
}

export interface ActionStatus {
  readonly text: string;
  readonly isError: boolean;
}

interface Options {
  readonly room: RoomListEntry;
  readonly permissions: RoomPermissions;
  readonly items: readonly TimelineItem[];
  readonly list: RefObject<MessageListHandle | null>;
  readonly composer: RefObject<ComposerHandle | null>;
}

/** Carries out the actions on messages of a conversation, and keeps what is open for them. */
export function useMessageActions({ room, permissions, items, list, composer }: Options): MessageActionsState {
  const { t } = useI18n();
  const describe = useDescribeFailure();
  const [popup, setPopup] = useState<MessagePopup | null>(null);
  const [dialog, setDialog] = useState<MessageActionsState["dialog"]>(null);
  const [status, setStatus] = useState<ActionStatus | null>(null);
  const latest = useRef({ items, permissions, t, describe });
  latest.current = { items, permissions, t, describe };

  const { id, number } = room;

  const reportFailure = useCallback((error: unknown) => {
    const current = latest.current;
    setStatus({ text: current.t("message.actionFailed", { reason: current.describe(error) }), isError: true });
  }, []);

  const conversation = useMemo<ConversationContextValue>(
    () => ({
      roomId: id,
      number,
      roomPermissions: permissions,
      reply(message) {
        composer.current?.reply(message);
      },
      react(message, emoji, { added }) {
        setStatus(null);
        chat.room(id).react(message.id, emoji, { added }).catch(reportFailure);
      },
      setTask(message, position, options) {
        setStatus(null);
        const task = findTask(message.body, position);
        if (task !== undefined) chat.room(id).setTask(message, task, options).catch(reportFailure);
      },
      openPopup(message, kind, anchor) {
        setPopup({ message: message.id, kind, anchor: anchor.getBoundingClientRect() });
      },
    }),
    [id, number, permissions, reportFailure, composer],
  );

  const message = popup === null ? undefined : findMessage(items, popup.message);

  const closePopup = useCallback(() => {
    setPopup((previous) => {
      if (previous !== null) list.current?.focusMessage(previous.message);
      return null;
    });
  }, [list]);

  function copy(text: string, confirmation: string | null): void {
    navigator.clipboard.writeText(text).then(
      () => setStatus(confirmation === null ? null : { text: confirmation, isError: false }),
      () => setStatus({ text: t("message.copyFailed"), isError: true }),
    );
  }

  function runAction(action: MessageAction): void {
    if (message === undefined) return;
    setStatus(null);
    closePopup();
    switch (action) {
      case "reply":
        composer.current?.reply(message);
        break;
      case "edit":
        composer.current?.edit(message);
        break;
      case "pin":
        chat.room(id).pin(message.id, { pinned: !message.pinned }).catch(reportFailure);
        break;
      case "unread":
        markUnread(id, message.seq);
        break;
      case "copy-text":
        copy(message.body, null);
        break;
      case "copy-link":
        copy(toUrl(formatRoomAddress({ open: [number], active: number, seq: message.seq })), t("message.linkCopied"));
        break;
      case "delete":
      case "forward":
      case "history":
        setDialog({ kind: action, message });
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
      conversation.react(message, emoji, { added: !mine });
    },
    mention: (username) => composer.current?.mention(username),
    openEmojiPicker: () => setPopup((previous) => (previous === null ? null : { ...previous, kind: "reactions" })),
    closePopup,
    closeDialog() {
      setDialog(null);
    },
    reportForwarded: (name) => setStatus({ text: t("message.forwarded", { room: name }), isError: false }),
    dismissStatus: () => setStatus(null),
    findLastEditable: useCallback(() => {
      const current = latest.current;
      // While the latest message is still being sent, no earlier one is offered instead.
      if (current.items.some(({ kind }) => kind === "pending")) return undefined;
      const own = current.items.findLast(
        (item) =>
          item.kind === "message" && item.own && getMessagePermissions(item.message, current.permissions).canEdit,
      );
      return own?.kind === "message" ? own.message : undefined;
    }, []),
  };
}
