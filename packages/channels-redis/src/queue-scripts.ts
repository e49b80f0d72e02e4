/** The scripts of the queue layer. Each does in one step what must not be torn apart by another process's step. */

/**
 * Puts a message into a channel unless the channel is full.
 * KEYS: the channel. ARGV: what is older has expired (s), capacity, message, score (s), expiry (s).
 * Returns 1, or 0 when it was full, and how many expired messages made room.
 */
export const sendScript = `
local expired = redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return {0, expired} end
redis.call('ZADD', KEYS[1], ARGV[4], ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[5])
return {1, expired}
`;

/**
 * The same for many channels with a message each; full ones are passed over.
 * KEYS: the channels. ARGV: what is older has expired, score, expiry, then for each channel its capacity and message.
 * Returns the numbers (from 1) of the channels that were full.
 */
export const groupSendScript = `
local full = {}
for i = 1, #KEYS do
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', ARGV[1])
  if redis.call('ZCARD', KEYS[i]) >= tonumber(ARGV[2 + 2 * i]) then
    full[#full + 1] = i
  else
    redis.call('ZADD', KEYS[i], ARGV[2], ARGV[3 + 2 * i])
    redis.call('EXPIRE', KEYS[i], ARGV[3])
  end
end
return full
`;

/**
 * The members of a group, without those that are too old.
 * KEYS: the group. ARGV: what is older is gone (s).
 */
export const membersScript = `
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
return redis.call('ZRANGE', KEYS[1], 0, -1)
`;

/**
 * Takes the oldest message of a channel and keeps it, claimed, until it is acknowledged or its time is over. Before
 * that, claims whose time is over go back to the channel, or to the dead letters when they have had their tries; and
 * messages whose wait for another try is over come back.
 * KEYS: the channel, its claims (by deadline), its waiting ones (by due time), its tries, its dead letters.
 * ARGV: now (s), deadline (s), most tries, seconds to keep.
 * Returns the message, its number of tries, and its score; or nothing.
 */
export const claimScript = `
local now = tonumber(ARGV[1])
local lapsed = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[1], 'LIMIT', 0, 100)
for _, member in ipairs(lapsed) do
  redis.call('ZREM', KEYS[2], member)
  if tonumber(redis.call('HGET', KEYS[4], member) or '0') >= tonumber(ARGV[3]) then
    redis.call('HDEL', KEYS[4], member)
    redis.call('ZADD', KEYS[5], ARGV[1], member)
  else
    redis.call('ZADD', KEYS[1], ARGV[1], member)
  end
end
local due = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', ARGV[1], 'LIMIT', 0, 100)
for _, member in ipairs(due) do
  redis.call('ZREM', KEYS[3], member)
  redis.call('ZADD', KEYS[1], ARGV[1], member)
end
local popped = redis.call('ZPOPMIN', KEYS[1])
if #popped == 0 then return nil end
redis.call('ZADD', KEYS[2], ARGV[2], popped[1])
local tries = redis.call('HINCRBY', KEYS[4], popped[1], 1)
for i = 2, 5 do redis.call('EXPIRE', KEYS[i], ARGV[4]) end
return {popped[1], tries, popped[2]}
`;

/**
 * Ends a claim that is still held: acknowledged, to be tried again, or dead.
 * KEYS: as above. ARGV: message, outcome ("ack", "retry", "dead"), when due or dead (s), seconds to keep.
 * Returns 1, or 0 when the claim had lapsed: somebody else may be at the message.
 */
export const settleScript = `
if redis.call('ZREM', KEYS[2], ARGV[1]) == 0 then return 0 end
if ARGV[2] == 'retry' then
  redis.call('ZADD', KEYS[3], ARGV[3], ARGV[1])
  redis.call('EXPIRE', KEYS[3], ARGV[4])
else
  redis.call('HDEL', KEYS[4], ARGV[1])
  if ARGV[2] == 'dead' then
    redis.call('ZADD', KEYS[5], ARGV[3], ARGV[1])
    redis.call('EXPIRE', KEYS[5], ARGV[4])
  end
end
return 1
`;

/** Deletes every key of a prefix, some thousands at a step. KEYS: none. ARGV: pattern, cursor. Returns the next cursor. */
export const flushScript = `
local found = redis.call('SCAN', ARGV[2], 'MATCH', ARGV[1], 'COUNT', 5000)
if #found[2] > 0 then redis.call('DEL', unpack(found[2])) end
return found[1]
`;
