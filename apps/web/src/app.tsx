import { Suspense } from "react";
import { Redirect, Route, Switch, useLocation, useSearch } from "wouter";
import { signInPath } from "./connection/next-path.ts";
import { ChatScene } from "./scenes/chat/chat-scene.tsx";
import { parseRoomNumber } from "./scenes/chat/columns.ts";
import { useRoomNavigation } from "./scenes/chat/navigation.ts";
import { NotFound } from "./scenes/not-found.tsx";
import { Shell } from "./scenes/shell/shell.tsx";
import { Unreachable } from "./scenes/unreachable.tsx";
import { lazyScene } from "./stores/i18n/lazy-scene.ts";
import { useSession } from "./stores/session.ts";

const SignIn = lazyScene(async () => (await import("./scenes/entry/sign-in.tsx")).SignIn);
const Setup = lazyScene(async () => (await import("./scenes/entry/setup.tsx")).Setup);
const SettingsScene = lazyScene(async () => (await import("./scenes/settings/settings-scene.tsx")).SettingsScene);
const SearchScene = lazyScene(async () => (await import("./scenes/details/search-scene.tsx")).SearchScene);
const Details = lazyScene(async () => (await import("./scenes/details/details.tsx")).Details);
const AdminScene = lazyScene(async () => (await import("./scenes/admin/admin-scene.tsx")).AdminScene);

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
