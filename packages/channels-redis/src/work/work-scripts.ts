/**
 * The scripts of acknowledged work. A channel's keys are always these, in this order: the queue itself, its claims (by
 * deadline), its messages that wait for a retry (by due time), the attempts of each message, its dead letters (by time of
 * death), and their reasons. A message that was claimed once never returns to the queue, where it could expire. Deadlines
 * use the server's clock, so that no two machines disagree about them.
 */

/** Functions that the scripts share. */
const shared = `
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function addDeadLetter(member, attempts, reason, limit, keep)
  redis.call('HDEL', KEYS[4], member)
  redis.call('ZADD', KEYS[5], now(), member)
  redis.call('HSET', KEYS[6], member, attempts .. ' ' .. reason)
  local excess = redis.call('ZCARD', KEYS[5]) - tonumber(limit)
  if excess > 0 then
    for _, oldest in ipairs(redis.call('ZRANGE', KEYS[5], 0, excess - 1)) do
      redis.call('ZREM', KEYS[5], oldest)
      redis.call('HDEL', KEYS[6], oldest)
    end
  end
  for i = 5, 6 do redis.call('EXPIRE', KEYS[i], keep) end
end
`;

/**
 * Claims the oldest messages of a channel until each is settled or its claim lapses. Before that, messages of lapsed
 * claims become due for a retry, or become dead letters after their last attempt.
 * ARGV: how many, visibility (ms), maximum attempts, time to keep (s), the score below which messages have expired (s),
 * maximum dead letters.
 * Returns the milliseconds until something is due or -1, then each message with its number of attempts.
 */
export const claimScript = `${shared}
local at = now()
local limit = tonumber(ARGV[1])
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', at, 'LIMIT', 0, 100)) do
  redis.call('ZREM', KEYS[2], member)
  local attempts = tonumber(redis.call('HGET', KEYS[4], member) or '0')
  if attempts >= tonumber(ARGV[3]) then addDeadLetter(member, attempts, 'its worker stopped renewing the claim', ARGV[6], ARGV[4])
  else redis.call('ZADD', KEYS[3], at, member) end
end
local claimed = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', at, 'LIMIT', 0, limit)
for _, member in ipairs(claimed) do redis.call('ZREM', KEYS[3], member) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[5])
if #claimed < limit then
  local popped = redis.call('ZPOPMIN', KEYS[1], limit - #claimed)
  for i = 1, #popped, 2 do claimed[#claimed + 1] = popped[i] end
end
local reply = {-1}
for _, member in ipairs(claimed) do
  redis.call('ZADD', KEYS[2], at + ARGV[2], member)
  reply[#reply + 1] = member
  reply[#reply + 1] = redis.call('HINCRBY', KEYS[4], member, 1)
end
for i = 2, 3 do
  local first = redis.call('ZRANGE', KEYS[i], 0, 0, 'WITHSCORES')
  if first[2] then
    local wait = math.max(0, first[2] - at)
    if reply[1] < 0 or wait < reply[1] then reply[1] = wait end
  end
end
if reply[1] >= 0 then for i = 2, 4 do redis.call('EXPIRE', KEYS[i], ARGV[4]) end end
return reply
`;

/**
 * Settles a message if its claim is still that of the given attempt: it may have been claimed again since.
 * ARGV: message, outcome, time to keep (s), delay of the retry (ms) or reason of the dead letter, maximum dead letters,
 * the topic that announces new work, the number of the attempt.
 * Outcomes: "ack"; "retry", after the delay; "release", at once and not counted as an attempt; "dead".
 * Returns 1, or 0 when the claim had lapsed: another worker may have the message.
 */
export const settleScript = `${shared}
local member = ARGV[1]
if redis.call('HGET', KEYS[4], member) ~= ARGV[7] then return 0 end
if redis.call('ZREM', KEYS[2], member) == 0 then return 0 end
if ARGV[2] == 'ack' then
  redis.call('HDEL', KEYS[4], member)
elseif ARGV[2] == 'dead' then
  addDeadLetter(member, redis.call('HGET', KEYS[4], member) or '0', ARGV[4], ARGV[5], ARGV[3])
else
  local delay = 0
  if ARGV[2] == 'retry' then delay = tonumber(ARGV[4])
  elseif redis.call('HINCRBY', KEYS[4], member, -1) < 1 then redis.call('HDEL', KEYS[4], member) end
  redis.call('ZADD', KEYS[3], now() + delay, member)
  redis.call('EXPIRE', KEYS[3], ARGV[3])
  redis.call('PUBLISH', ARGV[6], '')
end
return 1
`;

/**
 * Extends claims. Lapsed claims stay lapsed.
 * KEYS: the claims, their attempts. ARGV: visibility (ms), time to keep (s), then message and attempt of each claim.
 */
export const renewClaimsScript = `${shared}
local deadline = now() + ARGV[1]
for i = 3, #ARGV, 2 do
  if redis.call('HGET', KEYS[2], ARGV[i]) == ARGV[i + 1] then redis.call('ZADD', KEYS[1], 'XX', deadline, ARGV[i]) end
end
for i = 1, 2 do redis.call('EXPIRE', KEYS[i], ARGV[2]) end
return 1
`;

/**
 * Returns the newest dead letters: message, time (ms) and attempts with the reason of each.
 * KEYS: the dead letters, their reasons. ARGV: how many.
 */
export const deadLettersScript = `
local reply = {}
local newest = redis.call('ZREVRANGE', KEYS[1], 0, ARGV[1] - 1, 'WITHSCORES')
for i = 1, #newest, 2 do
  reply[#reply + 1] = newest[i]
  reply[#reply + 1] = newest[i + 1]
  reply[#reply + 1] = redis.call('HGET', KEYS[2], newest[i]) or ''
end
return reply
`;

/**
 * Removes a dead letter, and makes its message due at once if it is to be revived.
 * ARGV: message, "revive" or "drop", time to keep (s), the topic that announces new work.
 * Returns 1, or 0 when there was no such dead letter.
 */
export const removeDeadLetterScript = `${shared}
if redis.call('ZREM', KEYS[5], ARGV[1]) == 0 then return 0 end
redis.call('HDEL', KEYS[6], ARGV[1])
if ARGV[2] == 'revive' then
  redis.call('ZADD', KEYS[3], now(), ARGV[1])
  redis.call('EXPIRE', KEYS[3], ARGV[3])
  redis.call('PUBLISH', ARGV[4], '')
end
return 1
`;
