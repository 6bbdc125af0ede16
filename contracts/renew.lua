-- Keep a lease alive while its turn runs.
-- KEYS  lease, due
-- ARGV  conversation, token, lease in ms
-- Gives 1, or 0 when the lease is another's or nobody's
if redis.call('GET', KEYS[1]) ~= ARGV[2] then return 0 end
local clock = redis.call('TIME')
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('ZADD', KEYS[2], 'XX', clock[1] * 1000 + math.floor(clock[2] / 1000) + ARGV[3], ARGV[1])
return 1
