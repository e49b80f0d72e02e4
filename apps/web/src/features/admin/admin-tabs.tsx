import { Link, useLocation } from "wouter";
import { Icon, type IconName } from "../../components/indicators/icon.tsx";
import { useMe } from "../../hooks/use-chat.ts";
import type { Key } from "../../i18n/catalogue.ts";
import { useI18n } from "../../i18n/i18n.ts";
import styles from "./admin-tabs.module.css";

const PAGES = [
  { path: "/admin/rooms", icon: "rooms", name: "admin.rooms" },
  { path: "/admin/people", icon: "people", name: "admin.people" },
  { path: "/admin/invitations", icon: "link", name: "admin.invitations" },
  { path: "/admin/settings", icon: "sliders", name: "admin.settings" },
  { path: "/admin/audit", icon: "clock", name: "admin.audit", superusersOnly: true },
] as const satisfies readonly AdminTab[];

interface AdminTab {
  readonly path: string;
  readonly icon: IconName;
  readonly name: Key;
  readonly superusersOnly?: boolean;
}

export function AdminTabs() {
  const { t } = useI18n();
  const [path] = useLocation();
  const { superuser } = useMe();
  const pages = PAGES.filter((page) => superuser || !("superusersOnly" in page));
  return (
    <nav className={styles.tabs} aria-label={t("admin.title")}>
      {pages.map((page) => (
        <Link
          key={page.path}
          href={page.path}
          className={styles.tab}
          aria-current={path === page.path ? "page" : undefined}
        >
          <Icon name={page.icon} small />
          {t(page.name)}
        </Link>
      ))}
    </nav>
  );
}
