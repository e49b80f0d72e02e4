export { searchMessages } from "./search-messages.ts";
export { SearchTimes } from "./search-times.ts";
