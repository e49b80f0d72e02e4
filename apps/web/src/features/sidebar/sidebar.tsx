import { Link } from "wouter";
import { IconButton } from "../../components/forms/button.tsx";
import { VisuallyHidden } from "../../components/indicators/visually-hidden.tsx";
import { Logo } from "../../components/layout/logo.tsx";
import { useProfile } from "../../hooks/use-chat.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { openOverlay } from "../../state/overlay.ts";
import { AccountBar } from "./account-bar.tsx";
import { RoomList } from "./room-list.tsx";
import styles from "./sidebar.module.css";

/** The list of rooms that the user can see, with the account bar below. */
export function Sidebar({ fullPage }: { /** Fills the page, on a phone. */ readonly fullPage?: boolean }) {
  const { t } = useI18n();
  const { mayCreateRooms: canCreateRooms } = useProfile();
  return (
    <div className={styles.pane}>
      <header className={styles.header}>
        <Link href="/" className={styles.home}>
          <Logo />
        </Link>
        <IconButton
          icon="search"
          size="small"
          label={t("switcher.open")}
          onClick={() => openOverlay("quick-switcher")}
        />
        {canCreateRooms && (
          <IconButton icon="plus" size="small" label={t("room.create")} onClick={() => openOverlay("create-room")} />
        )}
      </header>
      {fullPage && (
        <VisuallyHidden>
          <h1>{t("rooms.title")}</h1>
        </VisuallyHidden>
      )}
      <nav className={styles.list} aria-label={t("rooms.label")}>
        <RoomList />
      </nav>
      <AccountBar />
    </div>
  );
}
