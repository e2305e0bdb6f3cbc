-- token, lease in ms
local record = read()
if record == false then return 'corrupt' end
if not record or record.owner ~= ARGV[1] or record.state ~= '0' then return 'lost' end
local _, millis = clock()
rewrite('l', text(millis + ARGV[2]))
local left = redis.call('PTTL', key)
if left >= 0 and left < tonumber(ARGV[2]) then redis.call('PEXPIRE', key, ARGV[2]) end
return 'held'
