import type { RoomSnapshot } from "@multichat/client";
import type { RoomListEntry } from "@multichat/protocol";
import {
  type KeyboardEvent,
  type Ref,
  useCallback,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import { Button } from "../../../components/forms/button.tsx";
import { chat } from "../../../connection/chat.ts";
import { useMe } from "../../../hooks/use-chat.ts";
import { useI18n } from "../../../i18n/i18n.ts";
import { lazyComponent } from "../../../i18n/lazy-component.ts";
import { usePreferences } from "../../../state/storage/preferences.ts";
import { markAllRead, useMarkRead } from "../../../state/unread/mark-read.ts";
import { useConversation } from "../../message/conversation-context.ts";
import { focusMessage, getMessageId, isMenuKey, leaveOnTab, moveFocus } from "./message-focus.ts";
import styles from "./message-list.module.css";
import { RoomBeginning } from "./rows/room-beginning.tsx";
import { isMessageRow } from "./rows/row-positions.ts";
import { RowView } from "./rows/row-view.tsx";
import { buildRows, type RowCache } from "./rows/rows.ts";
import { useStagedRows } from "./rows/use-staged-rows.ts";
import { findMiddleIndex, isAtEnd } from "./scrolling/list-viewport.ts";
import { useFollowNewest } from "./scrolling/use-follow-newest.ts";
import { useHistoryLoading } from "./scrolling/use-history-loading.ts";
import { useScrollToMessage } from "./scrolling/use-scroll-to-message.ts";
import { useIsAttentive } from "./use-is-attentive.ts";
import { useUnreadDivider } from "./use-unread-divider.ts";

// Speaks only of what comes after the first page.
const Announcer = lazyComponent(() => import("./announcer.tsx"), "Announcer");

export interface MessageListHandle {
  readonly scrollToNewest: () => void;
  /** Moves the focus to a message by its id, or to the list if the message is not rendered. */
  readonly focusMessage: (message: string) => void;
}

interface MessageListProps {
  readonly room: RoomListEntry;
  readonly roomName: string;
  readonly snapshot: RoomSnapshot;
  readonly onlyColumn: boolean;
  /** The message that the address names: the list scrolls to it and highlights it. */
  readonly seq: number | undefined;
  /** The id of the message whose menu or emoji picker is open. */
  readonly popupMessageId: string | null;
  readonly editingId: string | null;
  /** Called on Escape, after the list has scrolled to the newest message. */
  readonly onEscape: () => void;
  readonly handle?: Ref<MessageListHandle>;
}

const SCROLL_UP_KEYS = new Set(["Home", "PageUp", "ArrowUp"]);

const NO_NOTICES: RoomSnapshot["notices"] = [];

export function MessageList(props: MessageListProps) {
  const { room, roomName, snapshot, onlyColumn, seq, popupMessageId, editingId, onEscape, handle } = props;
  const { t } = useI18n();
  const me = useMe();
  const { presenceNotices } = usePreferences();
  const isAttentive = useIsAttentive();
  const divider = useUnreadDivider(snapshot, { isAttentive });
  const { items, hasBefore, loadingBefore, lastSeq, status } = snapshot;
  const notices = presenceNotices ? snapshot.notices : NO_NOTICES;

  const [cache] = useState<RowCache>(() => new WeakMap());
  const targetRows = useMemo(
    () => buildRows(items, { userId: me.id, unreadAfter: divider.after, hasBefore, notices }, cache),
    [items, me.id, divider.after, hasBefore, notices, cache],
  );
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  const { rows, shift } = useStagedRows(targetRows, () => findMiddleIndex(list.current));
  const isFollowing = useRef(true);
  const onWheelUp = useRef(() => {});
  const { atEnd, setFollowing, ...follow } = useFollowNewest({ isFollowing, scroller, onWheelUp });
  const hasArrived = useRef(false);
  // Whether the initial position has been rendered. Before that nothing counts as read.
  const [isPositioned, setIsPositioned] = useState(false);

  const confirmArrival = useCallback(() => {
    const handle = list.current;
    if (handle !== null) setFollowing(isAtEnd(handle, handle.scrollOffset));
    setIsPositioned(true);
  }, [setFollowing]);

  const startAtMessage = useCallback(() => {
    hasArrived.current = true;
    setFollowing(false);
    setIsPositioned(true);
  }, [setFollowing]);
  const goalSeq = useScrollToMessage({ seq, roomId: room.id, rows, snapshot, list, onFound: startAtMessage });

  const lastIndex = rows.length - 1;
  const scrollToEnd = useCallback(() => {
    list.current?.scrollToIndex(lastIndex, { align: "end" });
    follow.scrollToEnd();
  }, [lastIndex, follow.scrollToEnd]);

  const scrollToNewest = useCallback(() => {
    chat.room(room.id).setViewedSeq(null);
    follow.resumeFollowing();
    scrollToEnd();
  }, [room.id, follow.resumeFollowing, scrollToEnd]);

  useImperativeHandle(
    handle,
    () => ({
      scrollToNewest() {
        divider.clear();
        markAllRead(room.id);
        scrollToNewest();
      },
      focusMessage: (message) => focusMessage(scroller.current, message),
    }),
    [room.id, divider.clear, scrollToNewest],
  );

  // Starts at the first unread message, else at the newest. Afterwards follows new messages while at the end.
  const dividerIndex = rows.findIndex((row) => row.kind === "unread");
  useLayoutEffect(() => {
    if (lastIndex < 0) return;
    if (!hasArrived.current) {
      if (goalSeq !== undefined) return;
      hasArrived.current = true;
      if (dividerIndex > 0) {
        list.current?.scrollToIndex(dividerIndex, { align: "start", offset: -96 });
        // Only after rendering it is known whether this position is also the end.
        isFollowing.current = false;
        requestAnimationFrame(() => requestAnimationFrame(confirmArrival));
        return;
      }
      setIsPositioned(true);
    }
    if (isFollowing.current) scrollToEnd();
  }, [lastIndex, dividerIndex, goalSeq, scrollToEnd, confirmArrival]);

  const history = useHistoryLoading({ roomId: room.id, rows, snapshot, list, isFollowing, hasArrived });

  onWheelUp.current = history.onScrollUpAttempt;

  function onScroll(offset: number): void {
    follow.onScroll();
    history.onScroll(offset);
  }

  // The focused message stays mounted, however far it is scrolled away.
  const [focusedId, setFocusedId] = useState<string>();
  const focusedIndex = focusedId === undefined ? -1 : rows.findIndex((row) => isMessageRow(row, focusedId));
  const { openPopup } = useConversation();

  function onKeyDown(event: KeyboardEvent<HTMLElement>): void {
    if (SCROLL_UP_KEYS.has(event.key)) history.onScrollUpAttempt();
    if (event.key === "Tab") leaveOnTab(event);
    const messageId = getMessageId(event.target);
    const row = messageId === undefined ? undefined : rows.find((row) => isMessageRow(row, messageId));
    if (event.key === "Escape") {
      divider.clear();
      markAllRead(room.id);
      scrollToNewest();
      onEscape();
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      if (moveFocus(event.currentTarget, event.target, event.key === "ArrowUp" ? -1 : 1)) event.preventDefault();
    } else if (isMenuKey(event) && row?.kind === "message") {
      event.preventDefault();
      openPopup(row.message, "menu", event.target as Element);
    }
  }

  useMarkRead(room.id, lastSeq, { isReading: isAttentive && isPositioned && atEnd && status === "live" });

  return (
    <div className={styles.container}>
      {/* The Tab key leaves the list from here. */}
      <span tabIndex={-1} />
      <div
        ref={scroller}
        className={styles.scroller}
        role="log"
        aria-label={t("room.messages", { room: roomName })}
        aria-live="off"
        aria-busy={loadingBefore}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
        tabIndex={0}
        onKeyDown={onKeyDown}
        onFocus={(event) => setFocusedId(getMessageId(event.target))}
        onBlur={() => setFocusedId(undefined)}
      >
        <div className={styles.filler} />
        <Virtualizer
          ref={list}
          scrollRef={scroller}
          data={rows}
          shift={shift}
          bufferSize={600}
          {...(focusedIndex === -1 ? {} : { keepMounted: [focusedIndex] })}
          onScroll={onScroll}
          onScrollEnd={history.reportViewport}
          onResize={() => {
            if (isFollowing.current) scrollToEnd();
          }}
        >
          {(row) =>
            row.kind === "beginning" ? (
              <RoomBeginning key={row.key} room={room} empty={row.empty} />
            ) : (
              <RowView
                key={row.key}
                row={row}
                highlighted={row.kind === "message" && row.message.seq === seq}
                open={popupMessageId !== null && isMessageRow(row, popupMessageId)}
                editing={editingId !== null && isMessageRow(row, editingId)}
              />
            )
          }
        </Virtualizer>
      </div>
      <span tabIndex={-1} />
      {!atEnd && (
        <div className={styles.link}>
          <Button
            size="small"
            icon="down"
            onClick={() => {
              // The button disappears, so the focus moves to the list.
              scroller.current?.focus({ preventScroll: true });
              scrollToNewest();
            }}
          >
            {room.unread > 0 ? t("room.newMessages", { count: room.unread }) : t("room.jumpToLatest")}
          </Button>
        </div>
      )}
      <Announcer
        items={items}
        lastSeq={lastSeq}
        live={status === "live"}
        roomName={onlyColumn ? undefined : roomName}
      />
    </div>
  );
}
