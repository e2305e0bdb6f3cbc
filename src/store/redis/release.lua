-- token
local record = read()
if record == false then return 'corrupt' end
if not record or record.owner ~= ARGV[1] or record.state ~= '0' then return 'lost' end
rewrite('l', '0')
return 'held'
