import type { Author } from "@multichat/protocol";
import { Avatar } from "../../components/indicators/avatar.tsx";
import { PresenceDot } from "../../components/indicators/presence-dot.tsx";
import { useI18n } from "../../i18n/i18n.ts";
import { usePresence } from "../../state/presence.ts";
import styles from "./person-card.module.css";

/** A person with their presence. */
export function PersonCard({ person }: { readonly person: Author }) {
  const { t } = useI18n();
  const presence = usePresence(person.id);
  const text = presence?.text ?? "";
  return (
    <div className={styles.card}>
      <Avatar id={person.id} name={person.username} />
      <div className={styles.names}>
        <span className={styles.name} dir="auto">
          {person.username}
        </span>
        <span className={styles.presence}>
          <PresenceDot status={presence?.status} decorative />
          {t(`presence.${presence?.status ?? "offline"}`)}
          {text !== "" && (
            <>
              {" · "}
              <bdi>{text}</bdi>
            </>
          )}
        </span>
      </div>
    </div>
  );
}
