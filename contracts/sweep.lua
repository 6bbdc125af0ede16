-- Claim conversations whose time has come, so that one worker wakes each of them.
-- KEYS  due, sweep lock, the Celery list
-- ARGV  lock in ms, at most so many, their next time in ms from now,
--       how many ms ahead is a jumped clock, longest Celery list
-- Gives the claimed conversations; none while another sweeps or the Celery list is too long
local due, lock, list = KEYS[1], KEYS[2], KEYS[3]
if redis.call('LLEN', list) > tonumber(ARGV[5]) then return {} end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
-- the lock says until when: its own life grows by whatever the clock goes back
local locked_ms = (tonumber(redis.call('GET', lock)) or 0) - now
if locked_ms > 0 and locked_ms <= tonumber(ARGV[1]) then return {} end
local limit = tonumber(ARGV[2])
local claimed = redis.call('ZRANGEBYSCORE', due, '-inf', now, 'LIMIT', 0, limit)
local ahead = redis.call('ZRANGEBYSCORE', due, '(' .. (now + ARGV[4]), '+inf', 'LIMIT', 0, limit - #claimed)
for _, conversation in ipairs(ahead) do claimed[#claimed + 1] = conversation end

redis.call('DEL', lock) -- a first write that needs no memory, see lease.lua
redis.call('SET', lock, now + ARGV[1], 'PX', ARGV[1])
for _, conversation in ipairs(claimed) do
  redis.call('ZADD', due, 'XX', now + ARGV[3], conversation)
end
return claimed
