/**
 * The components, wouter and virtua are written against React's interface, and run on Preact, which is a tenth of its size. The
 * first entry that matches applies.
 */
export const PREACT_ALIASES = [
  { find: /^react\/jsx-(?:dev-)?runtime$/, replacement: "preact/jsx-runtime" },
  { find: "react-dom/client", replacement: "preact/compat/client" },
  { find: "react-dom", replacement: "preact/compat" },
  // wouter's fallback for versions of React without this hook.
  { find: "use-sync-external-store/shim/index.js", replacement: "preact/compat" },
  { find: /^react$/, replacement: "preact/compat" },
];
