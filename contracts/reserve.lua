-- Hold one request and its estimated tokens in every budget at once, or in none.
-- KEYS  for each budget: what is used, what is held
-- ARGV  now in Unix ms, hold, when it ends in Unix ms, tokens, then for each budget: most requests, most tokens (0: any)
-- Gives 0, or the number of the first budget that has no room, 1 being the first
-- A budget has room for a request while one is left, and for tokens while any is left: the estimates of those that
-- run count as used, so only the last one admitted can go over.
local now, hold, tokens = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[4])
for i = 1, #KEYS / 2 do
  local used, held = KEYS[2 * i - 1], KEYS[2 * i]
  redis.call('HDEL', held, hold) -- the same call, tried again; and a first write that needs no memory, see lease.lua
  local counts = redis.call('HMGET', used, 'requests', 'tokens')
  local requests, spent = tonumber(counts[1] or 0), tonumber(counts[2] or 0)
  local holds = redis.call('HGETALL', held)
  for j = 1, #holds, 2 do
    local ends, reserved = string.match(holds[j + 1], '(%d+) (%d+)')
    if tonumber(ends) <= now then
      redis.call('HDEL', held, holds[j])
    else
      requests, spent = requests + 1, spent + tonumber(reserved)
    end
  end
  local most_requests, most_tokens = tonumber(ARGV[3 + 2 * i]), tonumber(ARGV[4 + 2 * i])
  if (most_requests > 0 and requests >= most_requests) or (most_tokens > 0 and spent >= most_tokens) then return i end
end
for i = 2, #KEYS, 2 do
  redis.call('HSET', KEYS[i], hold, string.format('%d %d', ARGV[3], tokens))
  redis.call('PEXPIRE', KEYS[i], 2 * (ARGV[3] - now)) -- with each new hold; the last one ends before
end
return 0
