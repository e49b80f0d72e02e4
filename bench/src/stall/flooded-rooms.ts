/** Characters of the longest message. */
export const MESSAGE_CHARS = 10_000;
/** The room that the flooding user posts to, and the one that holds a page of the longest messages. */
export const FLOODED_ROOM = 1;
export const LONG_ROOM = 2;
export const HISTORY_PAGE = 100;
