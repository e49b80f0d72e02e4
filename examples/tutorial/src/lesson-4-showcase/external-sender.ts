import { closeLayers } from "@multichat/channels";
import { setupLayers } from "../layers.ts";
import { sendExamples } from "./send-examples.ts";

/** A script without a server: it registers the same layers and sends to their groups. */
if (process.env.REDIS_URL === undefined || process.env.REDIS_URL === "") {
  console.error(
    "Expected REDIS_URL: the script reaches the server's connections through Redis. Set it for both, and restart the server.",
  );
  process.exit(2);
}
setupLayers();
await sendExamples((line) => console.log(line));
await closeLayers();
