import { Suspense } from "react";
import { Redirect, Route, Switch, useLocation, useSearch } from "wouter";
import { ChatScene } from "../features/conversation/chat-page.tsx";
import { lazyScene } from "../i18n/lazy-component.ts";
import { parseRoomNumber } from "../navigation/columns.ts";
import { signInPath } from "../navigation/next-path.ts";
import { useRoomNavigation } from "../navigation/room-navigation.ts";
import { useSession } from "../state/session.ts";
import { NotFound } from "./not-found.tsx";
import { Shell } from "./shell.tsx";
import { Unreachable } from "./unreachable.tsx";

const SignIn = lazyScene(async () => (await import("../features/entry/sign-in.tsx")).SignIn);
const Setup = lazyScene(async () => (await import("../features/entry/setup.tsx")).Setup);
const SettingsScene = lazyScene(async () => (await import("../features/settings/settings-page.tsx")).SettingsScene);
const SearchScene = lazyScene(async () => (await import("../features/search/search-page.tsx")).SearchScene);
const Details = lazyScene(async () => (await import("../features/details/details.tsx")).Details);
const AdminScene = lazyScene(async () => (await import("../features/admin/admin-page.tsx")).AdminScene);

/** Which scene an address shows, and to whom. */
export function App() {
  return (
    <Suspense fallback={null}>
      <Switch>
        <Route path="/login">
          <SignIn />
        </Route>
        <Route path="/setup">
          <Setup />
        </Route>
        <Route>
          <SignedIn />
        </Route>
      </Switch>
    </Suspense>
  );
}

/** Everything that is for people who are signed in. Others are sent to the door, and brought back here afterwards. */
function SignedIn() {
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
          to={state.why === "left" ? "/login" : signInPath(search === "" ? path : `${path}?${search}`)}
          replace
        />
      );
    case "signed-in":
      return <Scenes key={state.profile.me.id} />;
  }
}

function Scenes() {
  return (
    <Shell>
      <Suspense fallback={null}>
        <Switch>
          <Route path="/">
            <ChatScene />
          </Route>
          <Route path="/rooms/:number">
            {({ number }) => (parseRoomNumber(number) === undefined ? <NotFound /> : <Rooms />)}
          </Route>
          <Route path="/search">
            <SearchScene />
          </Route>
          <Route path="/settings">
            <SettingsScene />
          </Route>
          <Route path="/admin/*?">
            <AdminScene />
          </Route>
          <Route>
            <NotFound />
          </Route>
        </Switch>
      </Suspense>
    </Shell>
  );
}

/** The conversations, and what the address says to show beside them. */
function Rooms() {
  const { columns } = useRoomNavigation();
  return (
    <>
      <ChatScene />
      {columns?.pane !== undefined && (
        <Suspense fallback={null}>
          <Details />
        </Suspense>
      )}
    </>
  );
}
