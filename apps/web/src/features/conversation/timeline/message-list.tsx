import type { RoomSnapshot } from "@multichat/client";
import type { RoomListEntry } from "@multichat/protocol";
import {
  type KeyboardEvent,
  type Ref,
  useCallback,
  useEffect,
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
import { messageJumps } from "../../../navigation/room-navigation.ts";
import { useMarkRead } from "../../../state/mark-read.ts";
import { usePreferences } from "../../../state/preferences.ts";
import { useStore } from "../../../state/store.ts";
import { useConversation } from "../../message/conversation-context.ts";
import { Announcer } from "./announcer.tsx";
import { focusMessage, getMessageId, isMenuKey, moveFocus } from "./message-focus.ts";
import styles from "./message-list.module.css";
import { RoomBeginning } from "./room-beginning.tsx";
import { findMessageRow, findNearestGap, getRowSeq, isMessageRow } from "./row-positions.ts";
import { RowView } from "./row-view.tsx";
import { buildRows, type RowCache } from "./rows.ts";
import { useIsAttentive } from "./use-is-attentive.ts";
import { useStagedRows } from "./use-staged-rows.ts";
import { useUnreadDivider } from "./use-unread-divider.ts";

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
  readonly ref?: Ref<MessageListHandle>;
}

/** A distance from the end that still counts as being at the end. */
const AT_END_PX = 48;
/** The distance from the first loaded message at which the previous page is loaded. */
const NEAR_EDGE_PX = 800;
/** The same for a gap. It is larger because the user can scroll past a gap, but not past the first message. */
const NEAR_GAP_PX = 1600;

/** The most frames in which scrolling to a message is corrected. */
const MAX_GOAL_ATTEMPTS = 20;

const SCROLL_UP_KEYS = new Set(["Home", "PageUp", "ArrowUp"]);

const NO_NOTICES: RoomSnapshot["notices"] = [];

export function MessageList(props: MessageListProps) {
  const { room, roomName, snapshot, onlyColumn, seq, popupMessageId, editingId, onEscape, ref } = props;
  const { t } = useI18n();
  const me = useMe();
  const { presenceNotices } = usePreferences();
  const isAttentive = useIsAttentive();
  const divider = useUnreadDivider(snapshot, isAttentive);
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
  // Whether the list follows new messages: a ref for handlers that run between renders, a state for rendering.
  const isFollowing = useRef(true);
  const [atEnd, setAtEnd] = useState(true);
  const hasArrived = useRef(false);
  // Whether the initial position has been rendered. Before that nothing counts as read.
  const [isPositioned, setIsPositioned] = useState(false);

  const setFollowing = useCallback((following: boolean) => {
    isFollowing.current = following;
    setAtEnd(following);
  }, []);

  const confirmArrival = useCallback(() => {
    const handle = list.current;
    if (handle !== null) setFollowing(isAtEnd(handle, handle.scrollOffset));
    setIsPositioned(true);
  }, [setFollowing]);

  // The message that the list is scrolling to.
  const [goalSeq, setGoalSeq] = useState<number>();
  const jumpCount = useStore(messageJumps);
  const [lastRequest, setLastRequest] = useState<{ readonly seq?: number | undefined; readonly jump: number }>({
    jump: jumpCount,
  });
  if (lastRequest.seq !== seq || lastRequest.jump !== jumpCount) {
    setLastRequest({ seq, jump: jumpCount });
    setGoalSeq(seq);
  }

  const lastIndex = rows.length - 1;
  const scrollToEnd = useCallback(() => {
    list.current?.scrollToIndex(lastIndex, { align: "end" });
  }, [lastIndex]);

  const scrollToNewest = useCallback(() => {
    chat.room(room.id).setViewedSeq(null);
    setFollowing(true);
    scrollToEnd();
  }, [room.id, setFollowing, scrollToEnd]);

  useImperativeHandle(
    ref,
    () => ({
      scrollToNewest() {
        divider.clear();
        scrollToNewest();
      },
      focusMessage: (message) => focusMessage(scroller.current, message),
    }),
    [divider.clear, scrollToNewest],
  );

  useEffect(() => {
    if (goalSeq === undefined || status !== "live") return;
    // If the message cannot be loaded, the position stays.
    chat
      .room(room.id)
      .loadAround(goalSeq)
      .catch(() => setGoalSeq(undefined));
  }, [goalSeq, status, room.id]);

  useLayoutEffect(() => {
    if (goalSeq === undefined) return;
    const goalIndex = findMessageRow(rows, goalSeq, hasBefore);
    if (goalIndex === undefined) return;
    hasArrived.current = true;
    setFollowing(false);
    setIsPositioned(true);
    // Repeated each frame until the row is visible: heights are still being measured, and rows may be inserted above.
    let attempts = MAX_GOAL_ATTEMPTS;
    const scrollToGoal = () => {
      const handle = list.current;
      if (handle === null) return;
      handle.scrollToIndex(goalIndex, { align: "center" });
      const offset = handle.getItemOffset(goalIndex) - handle.scrollOffset;
      attempts -= 1;
      if (attempts === 0 || (attempts < MAX_GOAL_ATTEMPTS - 1 && offset >= 0 && offset < handle.viewportSize))
        setGoalSeq(undefined);
      else frame = requestAnimationFrame(scrollToGoal);
    };
    let frame = requestAnimationFrame(scrollToGoal);
    return () => cancelAnimationFrame(frame);
  }, [goalSeq, rows, hasBefore, setFollowing]);

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

  const loadBefore = useCallback(() => {
    // The connection banner shows the reason of a failure; the next scroll retries.
    chat
      .room(room.id)
      .loadBefore()
      .catch(() => {});
  }, [room.id]);

  function onScroll(offset: number): void {
    const handle = list.current;
    if (handle === null) return;
    const end = isAtEnd(handle, offset);
    if (end !== isFollowing.current) setFollowing(end);
    if (offset < NEAR_EDGE_PX) loadHistory();
    if (status === "live") loadNearGap(handle);
  }

  function loadHistory(): void {
    if (!hasBefore || loadingBefore || !hasArrived.current || status !== "live") return;
    reportViewport();
    loadBefore();
  }

  /** At the very top no scroll event fires although the user tries to scroll up. */
  function onScrollUpAttempt(): void {
    if (list.current?.scrollOffset === 0) loadHistory();
  }

  const loadingGap = useRef(false);

  /** Loads a gap before it becomes visible; the gap has a button, too. */
  function loadNearGap(handle: VirtualizerHandle): void {
    if (loadingGap.current) return;
    const first = handle.findItemIndex(handle.scrollOffset - NEAR_GAP_PX);
    const end = handle.findItemIndex(handle.scrollOffset + handle.viewportSize + NEAR_GAP_PX);
    const nearest = findNearestGap(rows, first, end, findMiddleIndex(handle));
    if (nearest === undefined) return;
    loadingGap.current = true;
    reportViewport();
    chat
      .room(room.id)
      .loadGap(nearest.gap, nearest.edge)
      // On a failure the gap stays with its button, and the next scroll retries.
      .catch(() => {})
      .finally(() => {
        loadingGap.current = false;
      });
  }

  /** Reports the visible part to the room, which keeps that part in memory. */
  function reportViewport(): void {
    const handle = list.current;
    if (handle === null) return;
    const row = isFollowing.current ? undefined : rows[findMiddleIndex(handle)];
    chat.room(room.id).setViewedSeq(row === undefined ? null : getRowSeq(row));
  }

  // A first page that does not fill the screen cannot be scrolled, so the next one is loaded at once.
  useEffect(() => {
    const handle = list.current;
    if (handle === null || status !== "live" || !hasBefore || loadingBefore || lastIndex < 0) return;
    if (handle.viewportSize > 0 && handle.scrollSize <= handle.viewportSize) loadBefore();
  }, [status, hasBefore, loadingBefore, lastIndex, loadBefore]);

  // The focused message stays mounted, however far it is scrolled away.
  const [focusedId, setFocusedId] = useState<string>();
  const focusedIndex = focusedId === undefined ? -1 : rows.findIndex((row) => isMessageRow(row, focusedId));
  const { openPopup } = useConversation();

  function onKeyDown(event: KeyboardEvent<HTMLElement>): void {
    if (SCROLL_UP_KEYS.has(event.key)) onScrollUpAttempt();
    const messageId = getMessageId(event.target);
    const row = messageId === undefined ? undefined : rows.find((row) => isMessageRow(row, messageId));
    if (event.key === "Escape") {
      divider.clear();
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
        onWheel={(event) => {
          if (event.deltaY < 0) onScrollUpAttempt();
        }}
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
          onScrollEnd={reportViewport}
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

function isAtEnd(handle: VirtualizerHandle, offset: number): boolean {
  return handle.scrollSize - offset - handle.viewportSize < AT_END_PX;
}

/** Returns the index of the row in the middle of the screen. */
function findMiddleIndex(handle: VirtualizerHandle | null): number {
  return handle?.findItemIndex(handle.scrollOffset + handle.viewportSize / 2) ?? 0;
}
