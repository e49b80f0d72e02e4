import react from "@vitejs/plugin-react";
import { defaultClientConditions, defineConfig } from "vite";

/** Where `vite dev` finds the chat server. */
const SERVER = "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react()],
  // The sources of our own packages, without a build of each first.
  resolve: { conditions: ["@multichat/source", ...defaultClientConditions] },
  build: {
    // Browsers with `light-dark()`, nesting and container queries; nothing is compiled down for older ones.
    target: ["chrome123", "edge123", "firefox121", "safari17.5"],
    // The content security policy allows no `data:` outside images.
    assetsInlineLimit: 0,
    sourcemap: true,
    reportCompressedSize: false,
    // scripts/size.mjs reads which files the chat route loads.
    manifest: true,
  },
  server: {
    proxy: {
      "/api": SERVER,
      "/ws": { target: SERVER, ws: true },
    },
  },
});
