import { useId } from "react";
import { Link, useLocation } from "wouter";
import { Avatar } from "../../components/indicators/avatar.tsx";
import { Icon } from "../../components/indicators/icon.tsx";
import { PresenceDot } from "../../components/indicators/presence-dot.tsx";
import { useMe } from "../../hooks/use-chat.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { useOwnPresence } from "../../state/presence.ts";
import styles from "./account-bar.module.css";
import { StatusMenu } from "./status-menu.tsx";

/** The signed-in user with their presence, and links to settings and administration. */
export function AccountBar() {
  const { t } = useI18n();
  const me = useMe();
  const menuId = useId();
  const { status, text } = useOwnPresence();
  const [path] = useLocation();
  return (
    <footer className={styles.bar}>
      <button type="button" className={styles.me} popoverTarget={menuId}>
        <span className={styles.avatar}>
          <Avatar id={me.id} name={me.username} />
          <span className={styles.dot}>
            <PresenceDot status={status} decorative />
          </span>
        </span>
        <span className={styles.names}>
          <span className={styles.name} dir="auto">
            {me.username}
          </span>
          <span className={styles.status} dir="auto">
            {text === "" ? t(`status.${status}`) : text}
          </span>
        </span>
      </button>
      <StatusMenu id={menuId} />
      <NavLink to="/settings" icon="settings" name={t("settings.title")} active={path === "/settings"} />
      {me.staff && (
        <NavLink to="/admin/rooms" icon="shield" name={t("admin.title")} active={path.startsWith("/admin")} />
      )}
    </footer>
  );
}

interface NavLinkProps {
  readonly to: string;
  readonly icon: "settings" | "shield";
  readonly name: string;
  readonly active: boolean;
}

function NavLink({ to, icon, name, active }: NavLinkProps) {
  return (
    <Link href={to} className={styles.link} aria-label={name} title={name} aria-current={active ? "page" : undefined}>
      <Icon name={icon} />
    </Link>
  );
}
