export { deleteMessage } from "./delete-message.ts";
export { editMessage } from "./edit-message.ts";
export { listPins } from "./list-pins.ts";
export { pinMessage } from "./pin-message.ts";
export { postMessage } from "./post-message.ts";
export { postNotice } from "./post-notice.ts";
export { defaultPageSize, readHistory } from "./read-history.ts";
export { readVersions } from "./read-versions.ts";
export { setReaction } from "./set-reaction.ts";
