export { type DataRoom, type DataUser, type LoadCounts, loadData } from "./load-data.ts";
export { ensureFirstAdministrator, Setup } from "./setup.ts";
