import type { Author, Role, RoomListEntry } from "@multichat/protocol";
import type { IconName } from "../../../components/indicators/icon.tsx";
import { ConfirmDialog } from "../../../components/overlays/confirm-dialog.tsx";
import { sendCommand } from "../../../connection/send-command.ts";
import { useI18n } from "../../../i18n/i18n.ts";

export type MemberChange =
  | { readonly kind: "role"; readonly role: Role }
  | { readonly kind: "remove" | "ban" | "unban" };

interface ConfirmMemberChangeProps {
  readonly room: RoomListEntry;
  readonly person: Author;
  readonly change: MemberChange;
  readonly onClose: () => void;
}

const ICONS = { role: "people", remove: "leave", ban: "ban", unban: "check" } as const satisfies Record<
  MemberChange["kind"],
  IconName
>;

/** Explains the consequences of a change for a member, and asks for confirmation. */
export function ConfirmMemberChange({ room, person, change, onClose }: ConfirmMemberChangeProps) {
  const { t } = useI18n();
  const name = person.username;
  const target = { room: room.id, user: person.id };
  const texts = {
    role: () => t(`members.make.${change.kind === "role" ? change.role : "member"}.text`, { name, room: room.title }),
    remove: () => t(room.kind === "private" ? "members.removePrivate" : "members.removeOpen", { name }),
    ban: () => t("members.banText", { name, room: room.title }),
    unban: () => t("members.unbanText", { name, room: room.title }),
  };
  const action = change.kind === "role" ? t(`members.make.${change.role}`) : t(`members.${change.kind}`);

  async function run(): Promise<void> {
    if (change.kind === "role") await sendCommand("member.change", { ...target, role: change.role });
    else if (change.kind === "remove") await sendCommand("member.remove", target);
    else await sendCommand("member.remove", { ...target, ban: change.kind === "ban" });
  }

  return (
    <ConfirmDialog
      title={t(`members.${change.kind}.title`, { name })}
      text={texts[change.kind]()}
      action={action}
      icon={ICONS[change.kind]}
      danger={change.kind === "remove" || change.kind === "ban"}
      run={run}
      onClose={onClose}
    />
  );
}
