import { Consumer, channelNameRouter, type EventOf, type LayerMessage, runWorker } from "@multichat/channels";

type Jobs = { "thumbnail.make": { file: string; replyTo: string } };

class Thumbnails extends Consumer<Jobs> {
  async thumbnailMake({ file, replyTo }: EventOf<Jobs, "thumbnail.make">): Promise<void> {
    await this.channelLayer.send(replyTo, { type: "thumbnail.done", file: `${file}.webp` });
  }
}

export const router = channelNameRouter({ thumbnails: Thumbnails });

export function runThumbnailWorker(signal: AbortSignal): Promise<void> {
  return runWorker(router, ["thumbnails"], { concurrency: 4, signal });
}

/** The message that requests a thumbnail. A consumer passes its `channelName` as `replyTo`. */
export const thumbnailJob = (file: string, replyTo: string): LayerMessage => ({
  type: "thumbnail.make",
  file,
  replyTo,
});
