export { type DataRoom, type DataUser, type Loaded, loadData } from "./load-data.ts";
export { ensureFirstAdministrator, Setup } from "./setup.ts";
