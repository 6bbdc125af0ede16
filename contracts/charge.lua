-- End a hold, and write down what it came to.
-- KEYS  the day's report, then for each budget: what is used, what is held
-- ARGV  hold, field of the report, life of the report in s, requests, prompt tokens, completion tokens,
--       then for each budget: life in s
-- Gives nothing; with no requests nothing is written down
for i = 3, #KEYS, 2 do redis.call('HDEL', KEYS[i], ARGV[1]) end
if tonumber(ARGV[4]) == 0 then return end
for place, what in ipairs({'requests', 'prompt', 'completion'}) do
  redis.call('HINCRBY', KEYS[1], what .. ' ' .. ARGV[2], ARGV[3 + place])
end
redis.call('EXPIRE', KEYS[1], ARGV[3])
for i = 2, #KEYS, 2 do
  redis.call('HINCRBY', KEYS[i], 'requests', ARGV[4])
  redis.call('HINCRBY', KEYS[i], 'tokens', ARGV[5] + ARGV[6])
  redis.call('EXPIRE', KEYS[i], ARGV[6 + i / 2])
end
