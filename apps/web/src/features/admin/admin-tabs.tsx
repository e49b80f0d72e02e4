import { Link, useLocation } from "wouter";
import { Icon, type IconName } from "../../components/indicators/icon.tsx";
import type { Key } from "../../i18n/catalogue.ts";
import { useI18n } from "../../i18n/i18n.ts";
import styles from "./admin-tabs.module.css";

const PAGES = [
  { path: "/admin/rooms", icon: "rooms", name: "admin.rooms" },
  { path: "/admin/people", icon: "people", name: "admin.people" },
  { path: "/admin/settings", icon: "sliders", name: "admin.settings" },
] as const satisfies readonly { readonly path: string; readonly icon: IconName; readonly name: Key }[];

export function AdminTabs() {
  const { t } = useI18n();
  const [path] = useLocation();
  return (
    <nav className={styles.tabs} aria-label={t("admin.title")}>
      {PAGES.map((page) => (
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
