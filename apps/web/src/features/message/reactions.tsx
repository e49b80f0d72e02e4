import type { Message, Reaction } from "@multichat/protocol";
import { memo, useEffect, useRef, useState } from "react";
import { Icon } from "../../components/indicators/icon.tsx";
import { useI18n } from "../../i18n/i18n.ts";
import { rightsOf } from "../../policies/message-policy.ts";
import { usePlace } from "./conversation-context.ts";
import styles from "./reactions.module.css";
import { namesOf } from "./reactor-names.ts";

/** Who reacted, a chip for each emoji; one's own are pressed. */
export const Reactions = memo(function Reactions({ message }: { readonly message: Message }) {
  const { t } = useI18n();
  const { rights, react, open } = usePlace();
  const may = rightsOf(message, rights);
  return (
    <div className={styles.reactions}>
      {message.reactions.map((reaction) => (
        <Chip
          key={reaction.emoji}
          reaction={reaction}
          // One's own is taken back even by who may add none.
          fixed={!(may.react || (reaction.mine && !rights.archived))}
          onToggle={() => react(message, reaction.emoji, !reaction.mine)}
        />
      ))}
      {may.react && (
        <button
          type="button"
          className={styles.chip}
          data-add
          aria-label={t("message.react")}
          title={t("message.react")}
          onClick={({ currentTarget }) => open(message, "reactions", currentTarget)}
        >
          <Icon name="smile" small />
        </button>
      )}
    </div>
  );
});

interface ChipProps {
  readonly reaction: Reaction;
  readonly fixed: boolean;
  readonly onToggle: () => void;
}

function Chip({ reaction: { emoji, users, count, mine }, fixed, onToggle }: ChipProps) {
  const { t, number } = useI18n();
  const { room } = usePlace();
  const chip = useRef<HTMLButtonElement>(null);
  // Who they are is looked up when somebody asks.
  const [asked, setAsked] = useState(false);

  useEffect(() => {
    if (!asked) return;
    let gone = false;
    void namesOf(room, users).then((names) => {
      if (gone || chip.current === null) return;
      const others = count - names.length;
      const rest = others > 0 ? [t("reaction.others", { count: others })] : [];
      chip.current.title = [...names, ...rest].join(", ");
    });
    return () => {
      gone = true;
    };
  }, [asked, room, users, count, t]);

  return (
    <button
      ref={chip}
      type="button"
      className={styles.chip}
      aria-pressed={mine}
      aria-disabled={fixed || undefined}
      aria-label={t("reaction.label", { emoji, count })}
      onClick={() => {
        if (!fixed) onToggle();
      }}
      onPointerEnter={() => setAsked(true)}
      onFocus={() => setAsked(true)}
    >
      <span className={styles.emoji} aria-hidden="true">
        {emoji}
      </span>
      <span aria-hidden="true">{number(count)}</span>
    </button>
  );
}
