/** The scripts of the queue layer: each runs atomically, so that no other process can interfere halfway. */

/**
 * Adds a message to a queue unless the queue is full.
 * KEYS: the queue; for a named channel also its messages that wait for a retry.
 * ARGV: the score below which messages have expired (s), capacity, message, score (s), expiry (s), and for a named channel
 * the topic that announces new work.
 * Returns 1, or 0 when the queue was full.
 */
export const sendScript = `
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
local held = redis.call('ZCARD', KEYS[1])
if KEYS[2] then held = held + redis.call('ZCARD', KEYS[2]) end
if held >= tonumber(ARGV[2]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[4], ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[5])
if ARGV[6] then redis.call('PUBLISH', ARGV[6], '') end
return 1
`;

/**
 * Adds a message to each of many queues; full queues are skipped.
 * KEYS: the queues. ARGV: score, then for each queue: the score below which messages have expired, expiry, capacity, the
 * topic that announces new work or an empty string, message.
 * Returns the indexes (from 1) of the queues that were full.
 */
export const groupSendScript = `
local full = {}
for i = 1, #KEYS do
  local at = 5 * i - 3
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', ARGV[at])
  if redis.call('ZCARD', KEYS[i]) >= tonumber(ARGV[at + 2]) then
    full[#full + 1] = i
  else
    redis.call('ZADD', KEYS[i], ARGV[1], ARGV[at + 4])
    redis.call('EXPIRE', KEYS[i], ARGV[at + 1])
    if ARGV[at + 3] ~= '' then redis.call('PUBLISH', ARGV[at + 3], '') end
  end
end
return full
`;

/** Puts a message back into its queue. KEYS: the queue. ARGV: score, message, expiry (s). */
export const putBackScript = `
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
`;

/** Adds channels to a group. KEYS: the group. ARGV: expiry of the group (ms), now (s), the channels. */
export const groupAddScript = `
for i = 3, #ARGV do redis.call('ZADD', KEYS[1], ARGV[2], ARGV[i]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
`;

/**
 * Returns the members of a group, after removing expired ones.
 * KEYS: the group. ARGV: the score below which memberships have expired (s).
 */
export const membersScript = `
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
return redis.call('ZRANGE', KEYS[1], 0, -1)
`;

/**
 * Returns how many processes have members in a group: their channels' names have the process before the `!`.
 * KEYS: the group. ARGV: the score below which memberships have expired (s).
 */
export const countProcessesScript = `
local processes, count = {}, 0
for _, channel in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. ARGV[1], '+inf')) do
  local process = string.match(channel, '([^.!]+)!')
  if process and not processes[process] then
    processes[process] = true
    count = count + 1
  end
end
return count
`;

/** Deletes keys by pattern, thousands per call. KEYS: none. ARGV: pattern, cursor. Returns the next cursor. */
export const flushScript = `
local found = redis.call('SCAN', ARGV[2], 'MATCH', ARGV[1], 'COUNT', 5000)
if #found[2] > 0 then redis.call('DEL', unpack(found[2])) end
return found[1]
`;
