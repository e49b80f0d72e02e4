import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { navigate } from "wouter/use-browser-location";
import { App } from "./app.tsx";
import { openAhead } from "./scenes/chat/open-ahead.ts";
import { followLanguage } from "./stores/i18n/i18n.ts";
import { followNotifications } from "./stores/notifications.ts";
import { followPreferences } from "./stores/preferences.ts";
import { followReading } from "./stores/reading.ts";
import { startSession } from "./stores/session.ts";
import { followWaiting } from "./stores/title.ts";
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
