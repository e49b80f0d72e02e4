export { type DataRoom, type DataUser, type LoadCounts as Loaded, loadData } from "./load-data.ts";
export { ensureFirstAdministrator, Setup } from "./setup.ts";
