-- Write fields of a turn's record, as the holder of the lease, and what our messages answered.
-- KEYS  lease, turn, then `message:` keys
-- ARGV  token, life of the record in s, value for the message keys, then field, value, field, value ...
-- Gives 1, or 0 when the lease is lost
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('HDEL', KEYS[2], '') -- a first write that needs no memory, see lease.lua
for i = 4, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
redis.call('EXPIRE', KEYS[2], ARGV[2])
for i = 3, #KEYS do redis.call('SET', KEYS[i], ARGV[3], 'EX', ARGV[2]) end
return 1
