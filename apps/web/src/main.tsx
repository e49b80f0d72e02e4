import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { navigate } from "wouter/use-browser-location";
import { App } from "./app/app.tsx";
import { openAhead } from "./app/prefetch-room.ts";
import { followLanguage } from "./i18n/i18n.ts";
import { followReading } from "./state/mark-read.ts";
import { followNotifications } from "./state/notifications.ts";
import { followWaiting } from "./state/page-title.ts";
import { followPreferences } from "./state/preferences.ts";
import { startSession } from "./state/session.ts";
import "./styles/index.css";

followPreferences();
openAhead();
startSession();
followReading();
followWaiting();
followNotifications((room) => navigate(`/rooms/${room}`));

const root = document.getElementById("root");
if (root === null) throw new Error("expected an element with the id root in index.html, found none");

// The language first: nothing is shown in one that is exchanged a moment later.
void followLanguage().then(() => {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
});
