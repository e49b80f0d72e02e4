// Runs before the first paint. Reads the same key and shape as src/state/preferences.ts.
try {
  const { theme } = JSON.parse(localStorage.getItem("multichat.preferences") ?? "{}");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Without readable storage the system's theme applies.
}
