/** The scripts of the queue layer. Each does in one step what must not be torn apart by another process's step. */

/**
 * Puts a message into a channel unless the channel is full.
 * KEYS: the channel; if it is one that workers may read, also those of its messages that wait for another try.
 * ARGV: what is older has expired (s), capacity, message, score (s), expiry (s), and the topic on which workers wait.
 * Returns 1, or 0 when it was full.
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
 * The same for many channels with a message each; full ones are passed over.
 * KEYS: the channels. ARGV: score, then for each channel: what is older has expired, expiry, capacity, the topic on which
 * workers wait or nothing, message.
 * Returns the numbers (from 1) of the channels that were full.
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

/** Puts a message back where it lay. KEYS: the channel. ARGV: score, message, expiry (s). */
export const putBackScript = `
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
`;

/** Puts channels into a group. KEYS: the group. ARGV: expiry of the group (ms), now (s), the channels. */
export const groupAddScript = `
for i = 3, #ARGV do redis.call('ZADD', KEYS[1], ARGV[2], ARGV[i]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
`;

/**
 * The members of a group, without those that are too old.
 * KEYS: the group. ARGV: what is older is gone (s).
 */
export const membersScript = `
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
return redis.call('ZRANGE', KEYS[1], 0, -1)
`;

/** Deletes every key of a prefix, some thousands at a step. KEYS: none. ARGV: pattern, cursor. Returns the next cursor. */
export const flushScript = `
local found = redis.call('SCAN', ARGV[2], 'MATCH', ARGV[1], 'COUNT', 5000)
if #found[2] > 0 then redis.call('DEL', unpack(found[2])) end
return found[1]
`;
