-- Lock a conversation for one caller, and read it.
-- KEYS  lock, tracker
-- ARGV  token, life of the lock in ms
-- Gives {version, tracker}, each nil where there is none; nil while another has the lock
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return nil end
return redis.call('HMGET', KEYS[2], 'version', 'tracker')
