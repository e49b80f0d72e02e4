import type { Author } from "@multichat/protocol";
import { Button } from "../../components/forms/button.tsx";
import { Problem } from "../../components/forms/field.tsx";
import { Popup } from "../../components/overlays/popup.tsx";
import { useMe } from "../../hooks/use-chat.ts";
import { useOpenDirect } from "../../hooks/use-open-direct.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { openPane } from "../../navigation/room-navigation.ts";
import { PersonCard } from "./person-card.tsx";
import styles from "./profile-card.module.css";

interface ProfileCardProps {
  readonly person: Author;
  readonly anchor: DOMRect;
  /** The number of the room in which the card was opened. */
  readonly room: number;
  /** Puts the name into the message field; undefined where the user cannot write. */
  readonly onMention: ((username: string) => void) | undefined;
  readonly onClose: () => void;
}

/** Who someone is, and what to do with them: beside their name, or a sheet on a phone. */
export function ProfileCard({ person, anchor, room, onMention, onClose }: ProfileCardProps) {
  const { t } = useI18n();
  const me = useMe();
  const openDirect = useOpenDirect(onClose);
  return (
    <Popup anchor={anchor} align="start" role="dialog" label={person.username} onClose={onClose}>
      <div className={styles.card}>
        <PersonCard person={person} />
        <Problem>{openDirect.problem}</Problem>
        <div className={styles.actions}>
          {person.id !== me.id && (
            <Button
              size="small"
              variant="primary"
              icon="bubble"
              busy={openDirect.pending.length > 0}
              onClick={() => openDirect.run(person.id)}
            >
              {t("members.message")}
            </Button>
          )}
          {person.id !== me.id && onMention !== undefined && (
            <Button
              size="small"
              icon="at"
              onClick={() => {
                onClose();
                onMention(person.username);
              }}
            >
              {t("profile.mention")}
            </Button>
          )}
          <Button
            size="small"
            icon="people"
            onClick={() => {
              onClose();
              openPane(room, { name: "members", query: person.username });
            }}
          >
            {t("profile.members")}
          </Button>
        </div>
      </div>
    </Popup>
  );
}
