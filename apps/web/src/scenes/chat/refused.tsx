import type { WireError } from "@multichat/protocol";
import { Button } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { Icon } from "../../components/icon.tsx";
import { describeCode } from "../../stores/failure.ts";
import { useI18n } from "../../stores/i18n/i18n.ts";
import { openOverlay } from "../shell/overlay.ts";
import type { RoomNavigation } from "./navigation.ts";

interface RefusedProps {
  readonly number: number;
  readonly alone: boolean;
  readonly navigation: RoomNavigation;
  /** What the server said; null: the room is not in the list of this person. */
  readonly error: WireError | null;
}

/** A room that one may not enter. The server does not say whether it exists, so this does not either. */
export function Refused({ number, alone, navigation, error }: RefusedProps) {
  const i18n = useI18n();
  const { t } = i18n;
  const said =
    error === null || error.code === "ROOM_INVALID" ? t("refused.lead") : describeCode(error.code, error.message, i18n);
  return (
    <EmptyState
      level={1}
      art={<Icon name="lock" />}
      title={t("refused.title", { room: String(number) })}
      lead={`${said} ${t("refused.advice")}`}
    >
      <Button icon="search" onClick={() => openOverlay("jump")}>
        {t("jump.open")}
      </Button>
      <Button look="quiet" onClick={() => navigation.close(number)}>
        {t(alone ? "action.toRooms" : "room.closeColumn")}
      </Button>
    </EmptyState>
  );
}
