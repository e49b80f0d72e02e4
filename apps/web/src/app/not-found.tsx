import { Link } from "wouter";
import { Icon } from "../components/indicators/icon.tsx";
import { EmptyState } from "../components/layout/empty-state.tsx";
import { useI18n } from "../i18n/i18n.ts";
import { useTitle } from "../state/unread/page-title.ts";

export function NotFound() {
  const { t } = useI18n();
  useTitle(t("notFound.title"));
  return (
    <EmptyState illustration={<Icon name="search" />} title={t("notFound.title")} lead={t("notFound.lead")} level={1}>
      <Link href="/">{t("action.toRooms")}</Link>
    </EmptyState>
  );
}
