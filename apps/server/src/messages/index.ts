export { deleteMessage } from "./delete-message.ts";
export { editMessage } from "./edit-message.ts";
export { listPins } from "./list-pins.ts";
export { defaultPageSize, pageHistory } from "./page-history.ts";
export { pinMessage } from "./pin-message.ts";
export { mentionsEveryone, postMessage } from "./post-message.ts";
export { postNotice } from "./post-notice.ts";
export { react } from "./react.ts";
export { readVersions } from "./read-versions.ts";
