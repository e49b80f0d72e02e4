import type { HighlightAnswer, HighlightRequest } from "./code-highlighter.ts";
import { highlight, loadHighlighting } from "./highlight.ts";

/** The part of a worker's global that is used here. */
interface WorkerGlobal {
  onmessage: ((event: { readonly data: HighlightRequest }) => void) | null;
  readonly postMessage: (answer: HighlightAnswer) => void;
}

const worker = globalThis as unknown as WorkerGlobal;

worker.onmessage = ({ data: { id, code, language } }) => {
  const answer = async (): Promise<void> => {
    await loadHighlighting(language);
    // From here on, time counts.
    worker.postMessage({ id, phase: "started" });
    // The message leaves with the end of this task, which otherwise could last for minutes.
    await new Promise((resolve) => setTimeout(resolve));
    worker.postMessage({ id, phase: "done", pieces: highlight(code, language) });
  };
  // Without its language the code stays without colors.
  answer().catch(() => worker.postMessage({ id, phase: "done", pieces: undefined }));
};
