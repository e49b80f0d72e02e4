// Runs before the first paint. The same key and shape as src/state/preferences.ts.
try {
  const { theme } = JSON.parse(localStorage.getItem("multichat.preferences") ?? "{}");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // No storage, or not ours: the system's colours stay.
}
