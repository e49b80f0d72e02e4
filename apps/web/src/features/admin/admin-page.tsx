import { Link, Redirect, Route, Switch } from "wouter";
import { Icon } from "../../components/indicators/icon.tsx";
import { EmptyState } from "../../components/layout/empty-state.tsx";
import { ConfirmPassword } from "../../components/overlays/confirm-password.tsx";
import { useMe } from "../../hooks/use-chat.ts";
import { usePasswordPrompt } from "../../hooks/use-password-prompt.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { useTitle } from "../../state/unread/page-title.ts";
import { AuditPage } from "./audit/audit-page.tsx";
import { InvitationsPage } from "./invitations/invitations-page.tsx";
import { PeoplePage } from "./people-page.tsx";
import { RoomsPage } from "./rooms-page.tsx";
import { ServerPage } from "./server-page.tsx";

/** The administration, for staff. The server checks every request again; this check only hides the page from others. */
export function AdminPage() {
  const { t } = useI18n();
  const { staff, superuser } = useMe();
  const prompt = usePasswordPrompt();
  useTitle(t("admin.title"));
  if (!staff) return <AccessDenied title={t("admin.accessDenied")} lead={t("admin.accessDeniedLead")} />;
  return (
    <>
      <ConfirmPassword prompt={prompt} />
      <Switch>
        <Route path="/admin/rooms">
          <RoomsPage />
        </Route>
        <Route path="/admin/people">
          <PeoplePage />
        </Route>
        <Route path="/admin/invitations">
          <InvitationsPage />
        </Route>
        <Route path="/admin/settings">
          <ServerPage />
        </Route>
        <Route path="/admin/audit">
          {superuser ? (
            <AuditPage />
          ) : (
            <AccessDenied title={t("audit.accessDenied")} lead={t("audit.accessDeniedLead")} />
          )}
        </Route>
        <Route>
          <Redirect to="/admin/rooms" replace />
        </Route>
      </Switch>
    </>
  );
}

function AccessDenied({ title, lead }: { readonly title: string; readonly lead: string }) {
  const { t } = useI18n();
  return (
    <EmptyState illustration={<Icon name="lock" />} title={title} lead={lead} level={1}>
      <Link href="/">{t("action.toRooms")}</Link>
    </EmptyState>
  );
}
