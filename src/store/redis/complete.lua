-- token, status, ttl in ms
local record = read()
if record == false then return 'corrupt' end
if not record or record.owner ~= ARGV[1] then return 'lost' end
if record.state == '1' then
  rewrite('s', '1')
  return 'held'
end
-- First, so that the rest is allowed where memory has run out: a completion must not be lost.
redis.call('HDEL', key, 'l', 'n')
redis.call('HSET', key, 's', '1', 'c', ARGV[2])
redis.call('PEXPIRE', key, ARGV[3])
return 'held'
