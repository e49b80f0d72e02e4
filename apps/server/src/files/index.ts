export { collectFiles, sweepStorage } from "./collect-files.ts";
export { type CopiedContents, copyContents, verifyContents } from "./copy-contents.ts";
export { Files } from "./files.ts";
export { findVisibleFile } from "./read-file.ts";
export { uploadFile } from "./upload-file.ts";
