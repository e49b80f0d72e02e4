export { deleteMessage } from "./delete-message.ts";
export { editMessage } from "./edit-message.ts";
export { pageHistory, usualPage } from "./page-history.ts";
export { listPins, pinMessage } from "./pin-message.ts";
export { postMessage, saysAll } from "./post-message.ts";
export { postNotice } from "./post-notice.ts";
export { react } from "./react.ts";
export { readVersions } from "./read-versions.ts";
