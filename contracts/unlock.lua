-- Unlock a conversation: put before the text of commit.lua, so that one call does both.
-- KEYS  those of commit.lua, lock
-- ARGV  those of commit.lua, token of the lock
if redis.call('GET', KEYS[3]) == ARGV[8] then redis.call('DEL', KEYS[3]) end
