import type { Message, Reaction } from "@multichat/protocol";
import { memo, useEffect, useRef, useState } from "react";
import { Icon } from "../../../components/indicators/icon.tsx";
import { useI18n } from "../../../i18n/i18n.ts";
import { getMessagePermissions } from "../../../policies/message-policy.ts";
import { useConversation } from "../conversation-context.ts";
import styles from "./reactions.module.css";

// Loaded when it is first needed.
const loadReactorNames = async (roomId: string, users: readonly string[]): Promise<readonly string[]> =>
  (await import("./reactor-names.ts")).loadNames(roomId, users);

/** A chip for each emoji; those of the user are pressed. */
export const Reactions = memo(function Reactions({ message }: { readonly message: Message }) {
  const { t } = useI18n();
  const { roomPermissions, react, openPopup } = useConversation();
  const permissions = getMessagePermissions(message, roomPermissions);
  return (
    <div className={styles.reactions}>
      {message.reactions.map((reaction) => (
        <ReactionChip
          key={reaction.emoji}
          reaction={reaction}
          // Users may remove their reaction even when they may not add one.
          readOnly={!(permissions.canReact || (reaction.mine && !roomPermissions.isArchived))}
          onToggle={() => react(message, reaction.emoji, { added: !reaction.mine })}
        />
      ))}
      {permissions.canReact && (
        <button
          type="button"
          className={styles.chip}
          data-add
          aria-label={t("message.addReaction")}
          title={t("message.addReaction")}
          onClick={({ currentTarget }) => openPopup(message, "reactions", currentTarget)}
        >
          <Icon name="smile" small />
        </button>
      )}
    </div>
  );
});

interface ReactionChipProps {
  readonly reaction: Reaction;
  readonly readOnly: boolean;
  readonly onToggle: () => void;
}

function ReactionChip({ reaction: { emoji, users, count, mine }, readOnly, onToggle }: ReactionChipProps) {
  const { t, number } = useI18n();
  const { roomId } = useConversation();
  const chip = useRef<HTMLButtonElement>(null);
  // The names are loaded on hover or focus only.
  const [namesRequested, setNamesRequested] = useState(false);

  useEffect(() => {
    if (!namesRequested) return;
    let cancelled = false;
    void loadReactorNames(roomId, users).then((names) => {
      if (cancelled || chip.current === null) return;
      const others = count - names.length;
      const rest = others > 0 ? [t("reaction.others", { count: others })] : [];
      chip.current.title = [...names, ...rest].join(", ");
    });
    return () => {
      cancelled = true;
    };
  }, [namesRequested, roomId, users, count, t]);

  return (
    <button
      ref={chip}
      type="button"
      className={styles.chip}
      aria-pressed={mine}
      aria-disabled={readOnly || undefined}
      aria-label={t("reaction.label", { emoji, count })}
      onClick={() => {
        if (!readOnly) onToggle();
      }}
      onPointerEnter={() => setNamesRequested(true)}
      onFocus={() => setNamesRequested(true)}
    >
      <span className={styles.emoji} aria-hidden="true">
        {emoji}
      </span>
      <span aria-hidden="true">{number(count)}</span>
    </button>
  );
}
