-- Remove the first control Events of a conversation: they are dealt with, but for those that are put off.
-- KEYS  lease, due, inbox, control
-- ARGV  conversation, token, how many, then those of them that come last now, to be dealt with later
-- Gives 1, or 0 when the lease is lost
if redis.call('GET', KEYS[1]) ~= ARGV[2] then return 0 end
redis.call('LTRIM', KEYS[4], ARGV[3], -1)
for i = 4, #ARGV do redis.call('RPUSH', KEYS[4], ARGV[i]) end
if redis.call('EXISTS', KEYS[3], KEYS[4]) == 0 then redis.call('ZREM', KEYS[2], ARGV[1]) end
return 1
