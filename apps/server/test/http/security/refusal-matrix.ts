import { ACCOUNT_ROWS } from "./refusal-matrix/account-rows.ts";
import { LINK_ROWS } from "./refusal-matrix/link-rows.ts";
import { MEMBER_ROWS } from "./refusal-matrix/member-rows.ts";
import { PEOPLE_ROWS } from "./refusal-matrix/people-rows.ts";
import { ROOM_ROWS } from "./refusal-matrix/room-rows.ts";
import type { Row } from "./refusal-matrix/row.ts";
import { SERVER_ROWS } from "./refusal-matrix/server-rows.ts";

/** Every route of the API with its result for each role. A missing route fails the test. */
export const MATRIX: readonly Row[] = [
  ...ACCOUNT_ROWS,
  ...ROOM_ROWS,
  ...MEMBER_ROWS,
  ...PEOPLE_ROWS,
  ...LINK_ROWS,
  ...SERVER_ROWS,
];

/** Rows that no role may use; other tests show that the request itself is valid. */
export const CLOSED_TO_ALL = new Set(["the first run, again", "metrics through a proxy, without the token"]);

/** The static files of the API documentation page. */
export const PAGE_FILES = /^GET \/api\/docs([/*]|$)/;
