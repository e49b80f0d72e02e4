import type { WireError } from "@multichat/protocol";
import { Button } from "../../components/forms/button.tsx";
import { Icon } from "../../components/indicators/icon.tsx";
import { EmptyState } from "../../components/layout/empty-state.tsx";
import { describeCode } from "../../hooks/use-describe-failure.ts";
import { useI18n } from "../../i18n/i18n.ts";
import type { RoomNavigation } from "../../navigation/room-navigation.ts";
import { openOverlay } from "../../state/overlay.ts";
import { useTitle } from "../../state/unread/page-title.ts";

interface RoomUnavailableProps {
  readonly number: number;
  readonly active: boolean;
  readonly onlyColumn: boolean;
  readonly navigation: RoomNavigation;
  /** The server's error; null: the room is not in the user's list. */
  readonly error: WireError | null;
}

/** Shown for a room that the user cannot see. The server does not tell whether it exists, so neither does this. */
export function RoomUnavailable({ number, active, onlyColumn, navigation, error }: RoomUnavailableProps) {
  const i18n = useI18n();
  const { t } = i18n;
  const title = t("roomUnavailable.title", { room: String(number) });
  useTitle(title, { off: !active });
  const reason =
    error === null || error.code === "ROOM_INVALID"
      ? t("roomUnavailable.lead")
      : describeCode(error.code, error.message, i18n);
  return (
    <EmptyState
      level={1}
      illustration={<Icon name="lock" />}
      title={title}
      lead={`${reason} ${t("roomUnavailable.advice")}`}
    >
      <Button icon="search" onClick={() => openOverlay("quick-switcher")}>
        {t("switcher.open")}
      </Button>
      <Button variant="quiet" onClick={() => navigation.close(number)}>
        {t(onlyColumn ? "action.toRooms" : "room.closeColumn")}
      </Button>
    </EmptyState>
  );
}
