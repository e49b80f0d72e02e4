export { type DataRoom, type DataUser, findWeakPasswords, type LoadCounts, loadData } from "./load-data.ts";
export { ensureFirstAdministrator, Setup } from "./setup.ts";
