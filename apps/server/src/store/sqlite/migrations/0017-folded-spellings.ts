import { type Kysely, sql } from "kysely";
import type { Tables } from "../../database/tables.ts";

/**
 * Queues the messages whose words are folded differently now: `फोन` finds `फ़ोन`, hiragana find katakana, `1` finds `❶`, and phrases
 * of several words with apostrophes are found without them. Until their turn, they are found by their old entries.
 */
export async function up(db: Kysely<Tables>): Promise<void> {
  await sql`
    insert into search_queue (n)
    select n from message
    where deleted_at is null and body glob ('*[' || ${CHANGED} || ']*')
    on conflict do nothing`.execute(db);
}

/** Apostrophes and what stands for them; Hebrew finals and digraphs; scripts of India; kana; numbers and letters in circles. */
const CHANGED =
  "'`\"\u00b4\u00b7\u02b9-\u02c1\u02ee\u0384\u055a\u05da-\u05f4\u0900-\u0dff\u1b34\u1be6\u1c37\u1fbd\u1fbf\u2018\u2019\u201b\u2022\u2027\u2032\u2035\u2219\u22c5\u24eb-\u24ff\u2776-\u2793\u3041-\u30ff\u31f0-\u31ff\u3248-\u324f\u32d0-\u3357\ua78b\ua78c\ua9b3\ufb1d-\ufb4f\uff07\uff40\uff66-\uff9f\u{1109a}-\u{11943}\u{1b132}-\u{1b167}\u{1e94a}\u{1f10b}-\u{1f213}";
