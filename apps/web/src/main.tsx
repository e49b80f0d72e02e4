import { createRoot } from "react-dom/client";
import { Router } from "wouter";
import { App } from "./app/app.tsx";
import { startEffectsAfterInput } from "./app/effects-after-input.ts";
import { prefetchActiveRoom } from "./app/prefetch-room.ts";
import { BASE_PATH } from "./connection/base-path.ts";
import { startLanguage } from "./i18n/i18n.ts";
import { goTo, leaveForBasePath } from "./state/address.ts";
import { guardUploads } from "./state/attachments/attachments.ts";
import { ignoreDroppedFiles } from "./state/dropped-files.ts";
import { retryImport, startRetryingStyles } from "./state/retry-import.ts";
import { startStarUpload } from "./state/room-preferences.ts";
import { startSession } from "./state/session.ts";
import { startPreferences } from "./state/storage/preferences.ts";
import { startMarkingRead } from "./state/unread/mark-read.ts";
import { startUnreadTitle } from "./state/unread/page-title.ts";
import "./styles/index.css";

function start(root: HTMLElement): void {
  startRetryingStyles();
  startEffectsAfterInput();
  startPreferences();
  ignoreDroppedFiles();
  guardUploads();
  prefetchActiveRoom();
  startSession();
  startMarkingRead();
  startUnreadTitle();
  startStarUpload();
  // Loaded beside the page: nothing is notified of while the page is visible.
  void retryImport(() => import("./app/notifications.ts")).then(({ startNotifications }) =>
    startNotifications((room) => goTo(`/rooms/${room}`)),
  );
  // The catalogue first, so that the page does not render in one language and switch to another.
  void startLanguage().then(() => {
    createRoot(root).render(
      <Router base={BASE_PATH}>
        <App />
      </Router>,
    );
  });
}

const root = document.getElementById("root");
if (root === null) throw new Error("expected an element with the id root in index.html, found none");
if (!leaveForBasePath()) start(root);
