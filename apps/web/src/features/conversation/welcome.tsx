import { Button } from "../../components/forms/button.tsx";
import { EmptyState } from "../../components/layout/empty-state.tsx";
import { LogoMark } from "../../components/layout/logo.tsx";
import { useProfile, useRooms } from "../../hooks/use-chat.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { openOverlay } from "../../state/overlay.ts";

/** Shown while no room is open: the next steps, depending on what the user may do. */
export function Welcome() {
  const { t } = useI18n();
  const { rooms, status } = useRooms();
  const { me, mayCreateRooms: canCreateRooms } = useProfile();
  if (status === "cold") return null;
  const none = rooms.length === 0;
  const lead = none ? (canCreateRooms ? "rooms.emptyCreate" : "rooms.empty") : "welcome.lead";
  return (
    <EmptyState
      level={1}
      illustration={<LogoMark large />}
      title={t("welcome.title", { name: me.username })}
      lead={t(lead)}
    >
      {!none && (
        <Button icon="search" onClick={() => openOverlay("quick-switcher")}>
          {t("switcher.open")}
        </Button>
      )}
      {canCreateRooms && (
        <Button icon="plus" variant={none ? "primary" : "plain"} onClick={() => openOverlay("create-room")}>
          {t("room.create")}
        </Button>
      )}
      <Button icon="keyboard" variant="quiet" onClick={() => openOverlay("shortcuts")}>
        {t("shortcuts.title")}
      </Button>
    </EmptyState>
  );
}
