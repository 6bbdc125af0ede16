-- Write a conversation's summary, unless another has written since the one that it builds on.
-- KEYS  memory
-- ARGV  id of the last Event in the summary that was read ("" for none), life in s, version,
--       id of the last Event in the new summary, that Event's time in Unix s, summary
-- Gives 1; 0 when another has written
if (redis.call('HGET', KEYS[1], 'upto') or '') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'v', ARGV[3], 'upto', ARGV[4], 'at', ARGV[5], 'summary', ARGV[6])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
