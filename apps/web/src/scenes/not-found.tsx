import { Link } from "wouter";
import { EmptyState } from "../components/empty-state.tsx";
import { Icon } from "../components/icon.tsx";
import { useI18n } from "../stores/i18n/i18n.ts";
import { useTitle } from "../stores/title.ts";

export function NotFound() {
  const { t } = useI18n();
  useTitle(t("notFound.title"));
  return (
    <EmptyState art={<Icon name="search" />} title={t("notFound.title")} lead={t("notFound.lead")} level={1}>
      <Link href="/">{t("action.toRooms")}</Link>
    </EmptyState>
  );
}
