-- Write fields of a turn's record, as the holder of the lease.
-- KEYS  lease, turn
-- ARGV  token, life of the record in s, then field, value, field, value ...
-- Gives 1, or 0 when the lease is lost
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('EXPIRE', KEYS[2], ARGV[2])
redis.call('HDEL', KEYS[2], '') -- a first write that needs no memory, see lease.lua
for i = 3, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
redis.call('EXPIRE', KEYS[2], ARGV[2])
return 1
