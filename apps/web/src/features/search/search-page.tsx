import { useEffect } from "react";
import { useLocation, useSearch } from "wouter";
import { Page } from "../../components/layout/page.tsx";
import { useI18n } from "../../i18n/i18n.ts";
import { getSearchHref } from "../../navigation/search-address.ts";
import { useTitle } from "../../state/unread/page-title.ts";
import { MessageSearch } from "./message-search.tsx";
import styles from "./search-page.module.css";

/** The search in all rooms, as a page. */
export function SearchPage() {
  const { t } = useI18n();
  const [, navigate] = useLocation();
  const query = new URLSearchParams(useSearch()).get("q") ?? "";
  useTitle(t("search.title"));
  // The user opened this page to type.
  useEffect(() => document.querySelector<HTMLElement>("[data-first-focus]")?.focus(), []);
  return (
    <Page title={t("search.title")}>
      <div className={styles.search}>
        <MessageSearch query={query} inAllRooms onSearch={(next) => navigate(getSearchHref(next))} />
      </div>
    </Page>
  );
}
