-- Take a batch of arrivals into their conversations' inboxes, each at most once.
-- KEYS  due
-- ARGV  inbox cap, claim's life in s, milliseconds until the sweep may wake the conversation,
--       then five for each arrival: conversation, "inbox" or "control", event, overflow event,
--       delivery keys joined by newlines
-- Gives one number for each arrival: 0 duplicate, 1 accepted and idle, 2 accepted and queued,
--       3 dropped with an overflow event written, 4 dropped
local due = KEYS[1]
local cap, claim_s, wake_ms = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

local function claim(keys)
  local names = {}
  for key in string.gmatch(keys, '[^\n]+') do
    names[#names + 1] = 'seen:' .. key
  end
  for _, name in ipairs(names) do
    if redis.call('EXISTS', name) == 1 then
      -- the other names of a known delivery are known from now on
      for _, other in ipairs(names) do redis.call('SET', other, '', 'NX', 'EX', claim_s) end
      return false
    end
  end
  for _, name in ipairs(names) do redis.call('SET', name, '', 'EX', claim_s) end
  return true
end

local function append(conversation, list, event, overflow)
  local key = list .. ':' .. conversation
  local length = redis.call('LLEN', key)
  if length > cap or (length == cap and list == 'control') then return 4 end
  redis.call('RPUSH', key, length < cap and event or overflow)
  local idle = redis.call('ZADD', due, 'NX', now + wake_ms, conversation)
  if length == cap then return 3 end
  return idle == 1 and 1 or 2
end

local answers = {}
for i = 4, #ARGV, 5 do
  if claim(ARGV[i + 4]) then
    answers[#answers + 1] = append(ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3])
  else
    answers[#answers + 1] = 0
  end
end
return answers
