export { fileOutbox } from "./file-outbox.ts";
