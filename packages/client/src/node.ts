export { fileOutbox } from "./storage/file-outbox.ts";
