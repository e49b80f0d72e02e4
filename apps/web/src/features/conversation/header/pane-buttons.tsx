import type { RoomListEntry } from "@multichat/protocol";
import { IconButton } from "../../../components/forms/button.tsx";
import type { IconName } from "../../../components/indicators/icon.tsx";
import { useI18n } from "../../../i18n/i18n.ts";
import type { PaneName } from "../../../navigation/pane-address.ts";
import { closePane, openPane, useRoomNavigation } from "../../../navigation/room-navigation.ts";
import styles from "./pane-buttons.module.css";

const BUTTONS = [
  { pane: "members", icon: "people", label: "details.members" },
  { pane: "pins", icon: "pin", label: "details.pins" },
  { pane: "search", icon: "search", label: "details.search" },
  { pane: "about", icon: "info", label: "details.open" },
] as const satisfies readonly { readonly pane: PaneName; readonly icon: IconName; readonly label: string }[];

/** The buttons of a conversation's header that open the details. In a narrow column only one is left. */
export function PaneButtons({ room }: { readonly room: RoomListEntry }) {
  const { t } = useI18n();
  const { columns } = useRoomNavigation();
  const open = columns?.active === room.number ? columns.pane?.name : undefined;
  return (
    <div className={styles.buttons}>
      {BUTTONS.filter(({ pane }) => room.kind !== "direct" || pane !== "members").map(({ pane, icon, label }) => (
        <IconButton
          key={pane}
          icon={icon}
          size="small"
          label={t(label)}
          aria-pressed={open === pane}
          data-pane={pane}
          onClick={() => (open === pane ? closePane() : openPane(room.number, { name: pane }))}
        />
      ))}
    </div>
  );
}
