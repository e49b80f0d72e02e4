import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { navigate } from "wouter/use-browser-location";
import { App } from "./app/app.tsx";
import { prefetchActiveRoom } from "./app/prefetch-room.ts";
import { startLanguage } from "./i18n/i18n.ts";
import { ignoreDroppedFiles } from "./state/dropped-files.ts";
import { startMarkingRead } from "./state/mark-read.ts";
import { startUnreadTitle } from "./state/page-title.ts";
import { startPreferences } from "./state/preferences.ts";
import { retryImport } from "./state/retry-import.ts";
import { startSession } from "./state/session.ts";
import "./styles/index.css";

startPreferences();
ignoreDroppedFiles();
prefetchActiveRoom();
startSession();
startMarkingRead();
startUnreadTitle();
// Loaded beside the page: nothing is notified of while the page is visible.
void retryImport(() => import("./app/notifications.ts")).then(({ startNotifications }) =>
  startNotifications((room) => navigate(`/rooms/${room}`)),
);

const root = document.getElementById("root");
if (root === null) throw new Error("expected an element with the id root in index.html, found none");

// The catalogue first, so that the page does not render in one language and switch to another.
void startLanguage().then(() => {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
});
