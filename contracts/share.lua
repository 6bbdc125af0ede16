-- Take one place in a rate limit that many streams share: each gets every n-th place, so that none starves.
-- KEYS  the limit (GCRA, as in pace.lua), its streams: a sorted set, each scored with the ms of its last place
-- ARGV  ms between places, burst, who asks
-- Gives 1, or 0 when it is not this stream's turn, or the limit has no place now
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local interval, burst, who = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local round = redis.call('ZCARD', KEYS[2]) * interval
-- who got no place in three rounds does not ask any more
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - math.max(3 * round, 5000))
redis.call('ZREMRANGEBYSCORE', KEYS[2], '(' .. now, '+inf') -- of a clock that has gone back since
local last = redis.call('ZSCORE', KEYS[2], who)
round = redis.call('ZCARD', KEYS[2]) * interval
if last and now - last < round - interval then return 0 end
local known, written = string.match(redis.call('GET', KEYS[1]) or '0', '^(%d+%.?%d?%d?%d?)(%d*)')
local arrival = math.max(tonumber(known) - math.max((tonumber(written) or now) - now, 0), now) -- see pace.lua
local granted = arrival - (burst - 1) * interval <= now
if granted then
  redis.call('DEL', KEYS[1]) -- a first write that needs no memory, see lease.lua
  local next_at = string.format('%.3f%.0f', arrival + interval, now)
  redis.call('SET', KEYS[1], next_at, 'PX', math.ceil(arrival + interval - now) + 1000)
end
if granted or not last then
  redis.call('ZADD', KEYS[2], granted and now or now - round, who)
  redis.call('PEXPIRE', KEYS[2], math.max(3 * round, 5000) + 1000)
end
return granted and 1 or 0
