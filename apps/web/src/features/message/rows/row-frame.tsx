import type { OutboxMessage } from "@multichat/client";
import type { Message, QuotedMessage } from "@multichat/protocol";
import { type MouseEvent, type ReactNode, useState } from "react";
import { Avatar } from "../../../components/indicators/avatar.tsx";
import { VisuallyHidden } from "../../../components/indicators/visually-hidden.tsx";
import { useI18n } from "../../../i18n/i18n.ts";
import { formatRoomAddress } from "../../../navigation/columns.ts";
import { goToMessage } from "../../../navigation/room-navigation.ts";
import { getMessagePermissions, hasAnyPermission } from "../../../policies/message-policy.ts";
import { useCanHover } from "../../../state/media.ts";
import { MessageToolbar, TouchToolbar } from "../actions/message-toolbar.tsx";
import { useConversation } from "../conversation-context.ts";
import styles from "./message-row.module.css";
import { Quote } from "./quote.tsx";

interface RowFrameProps {
  readonly id: string;
  readonly name: string;
  readonly at: number;
  readonly isOwn: boolean;
  readonly startsGroup: boolean;
  readonly state?: OutboxMessage["state"];
  readonly quoted: QuotedMessage | null;
  readonly highlighted?: boolean;
  readonly children: ReactNode;
  /** The posted message, which has an address and actions; undefined while it is pending. */
  readonly message?: Message;
  /** Its menu is open. */
  readonly open?: boolean;
  /** It is being edited in the composer. */
  readonly editing?: boolean;
}

/** The common frame of posted and pending messages: author, time, quote and content. */
export function RowFrame(props: RowFrameProps) {
  const {
    id,
    name,
    at,
    isOwn,
    startsGroup,
    state,
    quoted,
    highlighted,
    children,
    message,
    open = false,
    editing,
  } = props;
  const { t } = useI18n();
  const { number, openPopup } = useConversation();
  const actions = useRowActions(message, { isOpen: open });
  const time = <MessageTime at={at} seq={message?.seq} number={number} inTabOrder={startsGroup} />;
  return (
    <article
      className={styles.row}
      data-own={isOwn || undefined}
      data-head={startsGroup || undefined}
      data-marked={highlighted || undefined}
      data-editing={editing || undefined}
      data-open={open || undefined}
      data-state={state}
      {...actions.row}
    >
      <div className={styles.gutter}>{startsGroup ? <Avatar id={id} name={name} /> : time}</div>
      <div className={styles.content}>
        {startsGroup && (
          <header className={styles.header}>
            <button
              type="button"
              className={styles.author}
              dir="auto"
              // The time is the one Tab stop of a group; people can be found in the members pane, too.
              tabIndex={-1}
              disabled={message?.author == null}
              aria-haspopup="dialog"
              onClick={({ currentTarget }) => message !== undefined && openPopup(message, "profile", currentTarget)}
            >
              {name}
            </button>
            {isOwn && <VisuallyHidden>{t("message.you")}</VisuallyHidden>}
            {time}
          </header>
        )}
        {quoted !== null && <Quote quoted={quoted} number={number} />}
        {children}
      </div>
      {actions.toolbar}
    </article>
  );
}

interface RowActions {
  /** Event handlers and attributes of the row. */
  readonly row: Partial<React.HTMLAttributes<HTMLElement>> & { readonly "data-message"?: string };
  readonly toolbar: ReactNode;
}

/** The actions of a message: shown on hover or focus, and on touch screens by a long press. */
export function useRowActions(message: Message | undefined, { isOpen }: { readonly isOpen: boolean }): RowActions {
  const { roomPermissions, openPopup } = useConversation();
  const canHover = useCanHover();
  const [hovered, setHovered] = useState(false);
  const [focused, setFocused] = useState(false);
  if (message === undefined) return { row: {}, toolbar: null };

  const permissions = getMessagePermissions(message, roomPermissions);
  const hasActions = hasAnyPermission(permissions);
  const showToolbar = focused || isOpen || (hovered && canHover);
  const toolbar = !hasActions ? null : showToolbar ? (
    <MessageToolbar message={message} permissions={permissions} open={isOpen} />
  ) : canHover ? null : (
    <TouchToolbar message={message} open={isOpen} />
  );
  return {
    toolbar,
    row: {
      "data-message": message.id,
      tabIndex: -1,
      // `pointerenter` is not enough: a row can move to where the pointer already is.
      onPointerOver: (event) => setHovered(event.pointerType !== "touch"),
      onPointerLeave: () => setHovered(false),
      onFocus: (event) => setFocused(event.target.matches(":focus-visible")),
      onBlur: (event) => setFocused(event.currentTarget.contains(event.relatedTarget)),
      onContextMenu: (event: MouseEvent<HTMLElement>) => {
        // With a mouse the browser's own menu is more useful: it copies text and opens links.
        if (!hasActions || !isTouch(event.nativeEvent)) return;
        event.preventDefault();
        openPopup(message, "menu", event.currentTarget);
      },
    },
  };
}

function isTouch(event: globalThis.MouseEvent): boolean {
  return event instanceof PointerEvent && event.pointerType === "touch";
}

interface MessageTimeProps {
  readonly at: number;
  readonly number: number;
  /** undefined for a pending message, which has no address. */
  readonly seq: number | undefined;
  /** Whether the Tab key stops here: once per group. */
  readonly inTabOrder: boolean;
}

/** The time of a message, as a link to it. */
function MessageTime({ at, seq, number, inTabOrder }: MessageTimeProps) {
  const { t, time, dateTime } = useI18n();
  const element = (
    <time
      className={styles.time}
      dateTime={new Date(at).toISOString()}
      // Formatted on hover only: it is slow, and there are many messages.
      onPointerEnter={({ currentTarget }) => {
        currentTarget.title = dateTime(at);
      }}
    >
      {time(at)}
    </time>
  );
  if (seq === undefined) return element;
  return (
    <a
      href={formatRoomAddress({ open: [number], active: number, seq })}
      className={styles.link}
      aria-label={t("message.link", { when: time(at) })}
      tabIndex={inTabOrder ? 0 : -1}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        goToMessage(number, seq);
      }}
    >
      {element}
    </a>
  );
}
