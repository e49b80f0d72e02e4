import { fileURLToPath } from "node:url";

/** Where complete runs leave their results, tables and plots. */
export const RESULTS_FOLDER: URL = new URL("../../../docs/benchmarks/", import.meta.url);
/** Where shorter runs leave them. */
export const QUICK_FOLDER: string = fileURLToPath(new URL("../../../.cache/bench/quick/", import.meta.url));
