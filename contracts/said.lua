-- Append a person's own line to a web conversation's stream, once for each Event.
-- KEYS  stream, the mark that this Event's line is there
-- ARGV  life of the mark in s, life of the stream in s, longest stream, field, entry
-- Gives nothing
if redis.call('EXISTS', KEYS[2]) == 1 then return end
redis.call('SET', KEYS[2], '', 'EX', ARGV[1])
redis.call('XADD', KEYS[1], 'MAXLEN', ARGV[3], '*', ARGV[4], ARGV[5])
redis.call('EXPIRE', KEYS[1], ARGV[2])
