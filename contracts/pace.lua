-- Take one place in every rate limit at once, or in none (GCRA; a key holds its theoretical arrival time).
-- KEYS  one for each limit
-- ARGV  longest wait in ms that the caller accepts, then for each key: ms between places, burst
-- Gives {1, ms to wait before acting}, or {0, ms until it is worth asking again}
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local next_at, wait = {}, 0
for i, key in ipairs(KEYS) do
  local interval, burst = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local arrival = math.max(tonumber(redis.call('GET', key) or 0), now)
  wait = math.max(wait, arrival - (burst - 1) * interval - now)
  next_at[i] = arrival + interval
end
if wait > tonumber(ARGV[1]) then return {0, wait} end
for i, key in ipairs(KEYS) do
  redis.call('DEL', key) -- a first write that needs no memory, see lease.lua
  redis.call('SET', key, next_at[i], 'PX', math.ceil(next_at[i] - now) + 1000)
end
return {1, wait}
