-- Give a lease back; what is left of the conversation is due after the delay.
-- KEYS  lease, due, inbox, control, and the turn's record where the attempt is not to count
-- ARGV  conversation, token, delay in ms
-- Gives 1 when work is left, 0 when none is, -1 when the lease is lost
if redis.call('GET', KEYS[1]) ~= ARGV[2] then return -1 end
redis.call('DEL', KEYS[1])
if redis.call('EXISTS', KEYS[3], KEYS[4]) == 0 then
  redis.call('ZREM', KEYS[2], ARGV[1])
  return 0
end
if KEYS[5] then redis.call('HINCRBY', KEYS[5], 'deferred', 1) end
local clock = redis.call('TIME')
redis.call('ZADD', KEYS[2], clock[1] * 1000 + math.floor(clock[2] / 1000) + ARGV[3], ARGV[1])
return 1
