import { Redirect, Route, Switch, useLocation, useSearch } from "wouter";
import { ChatPage } from "../features/conversation/chat-page.tsx";
import { lazyComponent } from "../i18n/lazy-component.ts";
import { parseRoomNumber } from "../navigation/columns.ts";
import { signInPath } from "../navigation/next-path.ts";
import { useRoomNavigation } from "../navigation/room-navigation.ts";
import { useSession } from "../state/session.ts";
import { Shell } from "./shell.tsx";
import { Unreachable } from "./unreachable.tsx";

const NotFound = lazyComponent(() => import("./not-found.tsx"), "NotFound");
const SignIn = lazyComponent(() => import("../features/entry/sign-in.tsx"), "SignIn");
const Setup = lazyComponent(() => import("../features/entry/setup.tsx"), "Setup");
const Invite = lazyComponent(() => import("../features/entry/invite.tsx"), "Invite");
const Reset = lazyComponent(() => import("../features/entry/reset.tsx"), "Reset");
const SettingsPage = lazyComponent(() => import("../features/settings/settings-page.tsx"), "SettingsPage");
const SearchPage = lazyComponent(() => import("../features/search/search-page.tsx"), "SearchPage");
const DraftsPage = lazyComponent(() => import("../features/drafts/drafts-page.tsx"), "DraftsPage");
const Details = lazyComponent(() => import("../features/details/details.tsx"), "Details");
const AdminPage = lazyComponent(() => import("../features/admin/admin-page.tsx"), "AdminPage");

/** Renders the page for the current address. */
export function App() {
  return (
    <Switch>
      <Route path="/login">
        <SignIn />
      </Route>
      <Route path="/setup">
        <Setup />
      </Route>
      <Route path="/invite">
        <Invite />
      </Route>
      <Route path="/reset">
        <Reset />
      </Route>
      <Route>
        <SignedInApp />
      </Route>
    </Switch>
  );
}

/** Everything behind the sign-in. Signs visitors in first, then returns them to this address. */
function SignedInApp() {
  const state = useSession();
  const [path] = useLocation();
  const search = useSearch();
  switch (state.kind) {
    case "unknown":
      return null;
    case "unreachable":
      return <Unreachable error={state.error} />;
    case "anonymous":
      return (
        <Redirect
          to={state.reason === "signed-out" ? "/login" : signInPath(search === "" ? path : `${path}?${search}`)}
          replace
        />
      );
    case "signed-in":
      if (state.profile.me.passwordChangeRequired) return <SettingsPage />;
      return <SignedInRoutes key={state.profile.me.id} />;
  }
}

function SignedInRoutes() {
  return (
    <Shell>
      <Switch>
        <Route path="/">
          <ChatPage />
        </Route>
        <Route path="/rooms/:number">
          {({ number }) => (parseRoomNumber(number) === undefined ? <NotFound /> : <RoomsRoute />)}
        </Route>
        <Route path="/search">
          <SearchPage />
        </Route>
        <Route path="/drafts">
          <DraftsPage />
        </Route>
        <Route path="/settings">
          <SettingsPage />
        </Route>
        <Route path="/admin/*?">
          <AdminPage />
        </Route>
        <Route>
          <NotFound />
        </Route>
      </Switch>
    </Shell>
  );
}

/** The conversations, with the details pane beside them when the address asks for it. */
function RoomsRoute() {
  const { columns } = useRoomNavigation();
  return (
    <>
      <ChatPage />
      {columns?.pane !== undefined && <Details />}
    </>
  );
}
