/**
 * The scripts of presence. KEYS: the prefix of all keys. They build their keys from it, so they run on single servers and
 * not on a cluster. They use the server's clock, so that no two machines disagree about grace periods and leases.
 *
 * connections:GROUP  connection -> lease and member          members:GROUP  member -> connections, 0 during the grace
 * since:GROUP        member -> when it joined                 grace          group and member, by the end of the grace
 * leases             lease, by its end                        lease:LEASE    its groups and connections
 *
 * Group and lease contain no space, so the first space ends them. Each script first ends a bounded number of grace periods
 * and leases that are over, and last returns the milliseconds until the next one ends (-1: none).
 */
const shared = `
local p = KEYS[1]
local time = redis.call('TIME')
local at = time[1] * 1000 + math.floor(time[2] / 1000)
local function split(text)
  local space = string.find(text, ' ', 1, true)
  return string.sub(text, 1, space - 1), string.sub(text, space + 1)
end
local function publish(group, member, present)
  local members = redis.call('HLEN', p .. 'members:' .. group)
  redis.call('PUBLISH', p .. 'changes:' .. group, present .. ' ' .. members .. ' ' .. member)
end
local function removeMember(group, member)
  redis.call('HDEL', p .. 'members:' .. group, member)
  redis.call('HDEL', p .. 'since:' .. group, member)
  publish(group, member, 0)
end
local function leave(group, connection, grace, lease)
  local entry = redis.call('HGET', p .. 'connections:' .. group, connection)
  if not entry then return end
  local owner, member = split(entry)
  if lease and owner ~= lease then return end
  redis.call('HDEL', p .. 'connections:' .. group, connection)
  redis.call('SREM', p .. 'lease:' .. owner, group .. ' ' .. connection)
  if redis.call('HINCRBY', p .. 'members:' .. group, member, -1) > 0 then return end
  if grace > 0 then redis.call('ZADD', p .. 'grace', at + grace, group .. ' ' .. member)
  else removeMember(group, member) end
end
local function dropConnections(lease, grace, limit)
  local entries = redis.call('SPOP', p .. 'lease:' .. lease, limit)
  for _, entry in ipairs(entries) do
    local group, connection = split(entry)
    leave(group, connection, grace, lease)
  end
  if #entries < limit then redis.call('ZREM', p .. 'leases', lease) end
  return #entries
end
for _, entry in ipairs(redis.call('ZRANGEBYSCORE', p .. 'grace', '-inf', at, 'LIMIT', 0, 500)) do
  redis.call('ZREM', p .. 'grace', entry)
  removeMember(split(entry))
end
local budget = 500
for _, lease in ipairs(redis.call('ZRANGEBYSCORE', p .. 'leases', '-inf', at, 'LIMIT', 0, 20)) do
  if budget > 0 then budget = budget - dropConnections(lease, 0, budget) end
end
local function due()
  local wait = -1
  for _, key in ipairs({p .. 'grace', p .. 'leases'}) do
    local first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
    if first[2] then
      local ms = math.max(0, first[2] - at)
      if wait < 0 or ms < wait then wait = ms end
    end
  end
  return wait
end
`;

/** Opens a lease. ARGV: lease, duration (ms). */
export const openLeaseScript = `${shared}
redis.call('ZADD', p .. 'leases', at + ARGV[2], ARGV[1])
return {1, due()}
`;

/** Extends a lease. ARGV: lease, duration (ms). Returns 0 when it had ended, and its memberships with it. */
export const renewLeaseScript = `${shared}
local ends = redis.call('ZSCORE', p .. 'leases', ARGV[1])
if not ends or tonumber(ends) <= at then return {0, due()} end
redis.call('ZADD', p .. 'leases', at + ARGV[2], ARGV[1])
return {1, due()}
`;

/** Ends up to 500 of a lease's connections, and the lease with the last. ARGV: lease, grace (ms). Returns how many. */
export const dropLeaseScript = `${shared}
return {dropConnections(ARGV[1], tonumber(ARGV[2]), 500), due()}
`;

/**
 * Adds a connection to a group and extends the lease. ARGV: lease, duration (ms), group, member, connection. Returns 0 when
 * the lease had ended.
 */
export const joinScript = `${shared}
local lease, group, member, connection = ARGV[1], ARGV[3], ARGV[4], ARGV[5]
local ends = redis.call('ZSCORE', p .. 'leases', lease)
if not ends or tonumber(ends) <= at then return {0, due()} end
redis.call('ZADD', p .. 'leases', at + ARGV[2], lease)
local entry = redis.call('HGET', p .. 'connections:' .. group, connection)
if entry then
  local owner, former = split(entry)
  if former == member then
    if owner ~= lease then
      redis.call('SREM', p .. 'lease:' .. owner, group .. ' ' .. connection)
      redis.call('SADD', p .. 'lease:' .. lease, group .. ' ' .. connection)
      redis.call('HSET', p .. 'connections:' .. group, connection, lease .. ' ' .. member)
    end
    return {1, due()}
  end
  leave(group, connection, 0)
end
redis.call('HSET', p .. 'connections:' .. group, connection, lease .. ' ' .. member)
redis.call('SADD', p .. 'lease:' .. lease, group .. ' ' .. connection)
if redis.call('HINCRBY', p .. 'members:' .. group, member, 1) == 1 then
  if redis.call('ZREM', p .. 'grace', group .. ' ' .. member) == 0 then
    redis.call('HSET', p .. 'since:' .. group, member, at)
    publish(group, member, 1)
  end
end
return {1, due()}
`;

/** Removes a connection from groups. ARGV: connection, grace (ms), the groups. */
export const leaveScript = `${shared}
for i = 3, #ARGV do leave(ARGV[i], ARGV[1], tonumber(ARGV[2])) end
return {1, due()}
`;

/** Returns the numbers of members and connections. ARGV: group. */
export const countsScript = `${shared}
return {redis.call('HLEN', p .. 'members:' .. ARGV[1]), redis.call('HLEN', p .. 'connections:' .. ARGV[1])}
`;

/** Returns the members with their connection counts, and the members with their join times. ARGV: group. */
export const rosterScript = `${shared}
return {redis.call('HGETALL', p .. 'members:' .. ARGV[1]), redis.call('HGETALL', p .. 'since:' .. ARGV[1])}
`;

/** Returns whether a member is present. ARGV: group, member. */
export const hasScript = `${shared}
return {redis.call('HEXISTS', p .. 'members:' .. ARGV[1], ARGV[2]), due()}
`;

/** Ends grace periods and leases that are over, and nothing else. */
export const sweepScript = `${shared}
return {1, due()}
`;
