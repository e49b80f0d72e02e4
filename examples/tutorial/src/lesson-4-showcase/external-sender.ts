import { closeLayers } from "@multichat/channels";
import { setupLayers } from "../layers.ts";
import { sendExamples } from "./send-examples.ts";

/** A program that serves nobody and speaks to everybody: it registers the same layers and sends. */
if (process.env.REDIS_URL === undefined || process.env.REDIS_URL === "") {
  console.error(
    "A script reaches the server's connections through Redis: set REDIS_URL for both, and start the server with it.",
  );
  process.exit(2);
}
setupLayers();
await sendExamples((line) => console.log(line));
await closeLayers();
