import type { Message, Reaction } from "@multichat/protocol";
import { memo } from "react";
import { Icon } from "../../components/icon.tsx";
import { useI18n } from "../../stores/i18n/i18n.ts";
import { rightsOf } from "./message-rights.ts";
import { namesOf } from "./people-names.ts";
import { usePlace } from "./place.ts";
import styles from "./reactions.module.css";

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
  return (
    <button
      type="button"
      className={styles.chip}
      aria-pressed={mine}
      aria-disabled={fixed || undefined}
      aria-label={t("reaction.label", { emoji, count })}
      onClick={() => {
        if (!fixed) onToggle();
      }}
      // Who they are is looked up when somebody asks.
      onPointerEnter={({ currentTarget }) => {
        void namesOf(room, users).then((names) => {
          const others = count - names.length;
          currentTarget.title = [...names, ...(others > 0 ? [t("reaction.others", { count: others })] : [])].join(", ");
        });
      }}
    >
      <span className={styles.emoji} aria-hidden="true">
        {emoji}
      </span>
      <span aria-hidden="true">{number(count)}</span>
    </button>
  );
}
