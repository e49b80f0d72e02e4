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
import { jumps } from "../../../navigation/room-navigation.ts";
import { useReading } from "../../../state/mark-read.ts";
import { usePreferences } from "../../../state/preferences.ts";
import { useStore } from "../../../state/store.ts";
import { usePlace } from "../../message/conversation-context.ts";
import { Announcer } from "./announcer.tsx";
import { focusMessage, messageIn, moveFocus, opensMenu } from "./message-focus.ts";
import styles from "./message-list.module.css";
import { Beginning } from "./room-beginning.tsx";
import { findRow, gapNear, isMessage, seqOf } from "./row-positions.ts";
import { RowView } from "./row-view.tsx";
import { makeRows, type RowCache } from "./rows.ts";
import { useAttention } from "./use-attention.ts";
import { useStagedRows } from "./use-staged-rows.ts";
import { useNewLine } from "./use-unread-divider.ts";

export interface MessageListHandle {
  readonly toNewest: () => void;
  /** Gives the focus to a message, by its id; to the list, where it is not on the screen. */
  readonly focusMessage: (message: string) => void;
}

interface MessageListProps {
  readonly room: RoomListEntry;
  /** What the room is called. */
  readonly name: string;
  readonly snapshot: RoomSnapshot;
  readonly alone: boolean;
  /** The message that the address points at: it is gone to, and marked. */
  readonly seq: number | undefined;
  /** The ids of the message whose menu is open, and of the one that is being edited. */
  readonly opened: string | null;
  readonly editing: string | null;
  /** Esc in the list: the newest is shown, and the keys go elsewhere. */
  readonly onEscape: () => void;
  readonly ref?: Ref<MessageListHandle>;
}

/** This near to the end counts as at the end, in pixels. */
const AT_END = 48;
/** This near to where what is loaded ends, the next page is fetched, in pixels. */
const NEAR_EDGE = 800;
/** The same for a gap between messages: one can scroll past it, where one cannot scroll past the beginning. */
const NEAR_GAP = 1600;

/** Frames in which the way to a message is corrected, at most. */
const GOAL_TRIES = 20;

/** Keys that scroll up. */
const UPWARDS = new Set(["Home", "PageUp", "ArrowUp"]);

const NO_NOTICES: RoomSnapshot["notices"] = [];

export function MessageList(props: MessageListProps) {
  const { room, name, snapshot, alone, seq, opened, editing, onEscape, ref } = props;
  const { t } = useI18n();
  const me = useMe();
  const { comings } = usePreferences();
  const attentive = useAttention();
  const newLine = useNewLine(snapshot, attentive);
  const { items, hasBefore, loadingBefore, lastSeq, status } = snapshot;
  const notices = comings ? snapshot.notices : NO_NOTICES;

  const [cache] = useState<RowCache>(() => new WeakMap());
  const wanted = useMemo(
    () => makeRows(items, { me: me.id, newAfter: newLine.after, hasBefore, notices }, cache),
    [items, me.id, newLine.after, hasBefore, notices, cache],
  );
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  const { rows, shift } = useStagedRows(wanted, () => middleOf(list.current));
  // Whether the end is held: the reference for what happens between frames, the state for what is drawn.
  const held = useRef(true);
  const [atEnd, setAtEnd] = useState(true);
  const landed = useRef(false);
  // Where one came in has been drawn. Before that nothing counts as seen.
  const [settled, setSettled] = useState(false);

  const hold = useCallback((yes: boolean) => {
    held.current = yes;
    setAtEnd(yes);
  }, []);

  const settle = useCallback(() => {
    const handle = list.current;
    if (handle !== null) hold(isAtEnd(handle, handle.scrollOffset));
    setSettled(true);
  }, [hold]);

  // The message to go to, until one is there.
  const [goal, setGoal] = useState<number>();
  const jump = useStore(jumps);
  const [asked, setAsked] = useState<{ readonly seq?: number | undefined; readonly jump: number }>({ jump });
  if (asked.seq !== seq || asked.jump !== jump) {
    setAsked({ seq, jump });
    setGoal(seq);
  }

  const last = rows.length - 1;
  const toEnd = useCallback(() => {
    list.current?.scrollToIndex(last, { align: "end" });
  }, [last]);

  const toNewest = useCallback(() => {
    chat.room(room.id).setViewedSeq(null);
    hold(true);
    toEnd();
  }, [room.id, hold, toEnd]);

  useImperativeHandle(
    ref,
    () => ({
      toNewest() {
        newLine.clear();
        toNewest();
      },
      focusMessage: (message) => focusMessage(scroller.current, message),
    }),
    [newLine.clear, toNewest],
  );

  useEffect(() => {
    if (goal === undefined || status !== "live") return;
    // Where it cannot be had, one stays where one is.
    chat
      .room(room.id)
      .loadAround(goal)
      .catch(() => setGoal(undefined));
  }, [goal, status, room.id]);

  useLayoutEffect(() => {
    if (goal === undefined) return;
    const at = findRow(rows, goal, hasBefore);
    if (at === undefined) return;
    landed.current = true;
    hold(false);
    setSettled(true);
    // Again with each frame until it is on the screen: heights are still being measured, and rows before it may be coming.
    let tries = GOAL_TRIES;
    const go = () => {
      const handle = list.current;
      if (handle === null) return;
      handle.scrollToIndex(at, { align: "center" });
      const offset = handle.getItemOffset(at) - handle.scrollOffset;
      tries -= 1;
      if (tries === 0 || (tries < GOAL_TRIES - 1 && offset >= 0 && offset < handle.viewportSize)) setGoal(undefined);
      else frame = requestAnimationFrame(go);
    };
    let frame = requestAnimationFrame(go);
    return () => cancelAnimationFrame(frame);
  }, [goal, rows, hasBefore, hold]);

  // Coming in: at the first unread, else at the newest. After that the end is held for as long as one is there.
  const newAt = rows.findIndex((row) => row.kind === "new");
  useLayoutEffect(() => {
    if (last < 0) return;
    if (!landed.current) {
      if (goal !== undefined) return;
      landed.current = true;
      if (newAt > 0) {
        list.current?.scrollToIndex(newAt, { align: "start", offset: -96 });
        // Whether that is the end as well is known when it has been drawn there.
        held.current = false;
        requestAnimationFrame(() => requestAnimationFrame(settle));
        return;
      }
      setSettled(true);
    }
    if (held.current) toEnd();
  }, [last, newAt, goal, toEnd, settle]);

  const loadBefore = useCallback(() => {
    // What went wrong shows in the banner; the next scroll tries again.
    chat
      .room(room.id)
      .loadBefore()
      .catch(() => {});
  }, [room.id]);

  function onScroll(offset: number): void {
    const handle = list.current;
    if (handle === null) return;
    const end = isAtEnd(handle, offset);
    if (end !== held.current) hold(end);
    if (offset < NEAR_EDGE) comeUp();
    if (status === "live") loadNearGap(handle);
  }

  function comeUp(): void {
    if (!hasBefore || loadingBefore || !landed.current || status !== "live") return;
    lookHere();
    loadBefore();
  }

  /** At the very top nothing scrolls any further, and yet somebody wants to. */
  function pushUp(): void {
    if (list.current?.scrollOffset === 0) comeUp();
  }

  const loadingGap = useRef(false);

  /** What is missing comes before one gets there, as at the beginning; at the gap itself stands a button too. */
  function loadNearGap(handle: VirtualizerHandle): void {
    if (loadingGap.current) return;
    const first = handle.findItemIndex(handle.scrollOffset - NEAR_GAP);
    const end = handle.findItemIndex(handle.scrollOffset + handle.viewportSize + NEAR_GAP);
    const near = gapNear(rows, first, end, middleOf(handle));
    if (near === undefined) return;
    loadingGap.current = true;
    lookHere();
    chat
      .room(room.id)
      .loadGap(near.gap, near.from)
      // What went wrong shows in the banner; the gap stays, with its button, and the next scroll tries again.
      .catch(() => {})
      .finally(() => {
        loadingGap.current = false;
      });
  }

  /** Tells the room which part of it is on the screen, so that it keeps that one in memory. */
  function lookHere(): void {
    const handle = list.current;
    if (handle === null) return;
    const row = held.current ? undefined : rows[middleOf(handle)];
    chat.room(room.id).setViewedSeq(row === undefined ? null : seqOf(row));
  }

  // A first page that does not fill the screen cannot be scrolled: the next one is fetched without.
  useEffect(() => {
    const handle = list.current;
    if (handle === null || status !== "live" || !hasBefore || loadingBefore || last < 0) return;
    if (handle.viewportSize > 0 && handle.scrollSize <= handle.viewportSize) loadBefore();
  }, [status, hasBefore, loadingBefore, last, loadBefore]);

  // What has the focus stays in the document, however far it is scrolled away.
  const [focused, setFocused] = useState<string>();
  const focusedAt = focused === undefined ? -1 : rows.findIndex((row) => isMessage(row, focused));
  const { open: openBeside } = usePlace();

  function onKeyDown(event: KeyboardEvent<HTMLElement>): void {
    if (UPWARDS.has(event.key)) pushUp();
    const message = messageIn(event.target);
    const found = message === undefined ? undefined : rows.find((row) => isMessage(row, message));
    if (event.key === "Escape") {
      newLine.clear();
      toNewest();
      onEscape();
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      if (moveFocus(event.currentTarget, event.target, event.key === "ArrowUp" ? -1 : 1)) event.preventDefault();
    } else if (opensMenu(event) && found?.kind === "message") {
      event.preventDefault();
      openBeside(found.message, "menu", event.target as Element);
    }
  }

  useReading(room.id, attentive && settled && atEnd && status === "live", lastSeq);

  return (
    <div className={styles.place}>
      <div
        ref={scroller}
        className={styles.scroller}
        role="log"
        aria-label={t("room.log", { room: name })}
        aria-live="off"
        aria-busy={loadingBefore}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
        tabIndex={0}
        onKeyDown={onKeyDown}
        onWheel={(event) => {
          if (event.deltaY < 0) pushUp();
        }}
        onFocus={(event) => setFocused(messageIn(event.target))}
        onBlur={() => setFocused(undefined)}
      >
        <div className={styles.filler} />
        <Virtualizer
          ref={list}
          scrollRef={scroller}
          data={rows}
          shift={shift}
          bufferSize={600}
          {...(focusedAt === -1 ? {} : { keepMounted: [focusedAt] })}
          onScroll={onScroll}
          onScrollEnd={lookHere}
          onResize={() => {
            if (held.current) toEnd();
          }}
        >
          {(row) =>
            row.kind === "beginning" ? (
              <Beginning key={row.key} room={room} empty={row.empty} />
            ) : (
              <RowView
                key={row.key}
                row={row}
                marked={row.kind === "message" && row.message.seq === seq}
                open={opened !== null && isMessage(row, opened)}
                editing={editing !== null && isMessage(row, editing)}
              />
            )
          }
        </Virtualizer>
      </div>
      {!atEnd && (
        <div className={styles.jump}>
          <Button
            size="small"
            icon="down"
            onClick={() => {
              // The button goes; the list that it is for keeps the keys.
              scroller.current?.focus({ preventScroll: true });
              toNewest();
            }}
          >
            {room.unread > 0 ? t("room.jumpUnread", { count: room.unread }) : t("room.jump")}
          </Button>
        </div>
      )}
      <Announcer items={items} lastSeq={lastSeq} live={status === "live"} room={alone ? undefined : name} />
    </div>
  );
}

function isAtEnd(handle: VirtualizerHandle, offset: number): boolean {
  return handle.scrollSize - offset - handle.viewportSize < AT_END;
}

/** The index of the row in the middle of the screen: where one looks. */
function middleOf(handle: VirtualizerHandle | null): number {
  return handle?.findItemIndex(handle.scrollOffset + handle.viewportSize / 2) ?? 0;
}
