-- put, get and delete with lua-http. Usage: lua5.2 kvs.lua http://127.0.0.1:8080
local client = require "http.client"
local new_headers = require("http.headers").new

local host, port = arg[1]:match("^http://([^:/]+):(%d+)")
local connection = assert(client.connect {host = host, port = port, tls = false}) -- kept for all requests

-- One request: its status and the reply's body. Where the key does not exist the status is 404.
local function request(method, key, value)
    local headers = new_headers()
    headers:append(":method", method)
    headers:append(":scheme", "http")
    headers:append(":authority", host .. ":" .. port)
    headers:append(":path", "/kvs/" .. key)
    headers:append("accept", "application/octet-stream")
    if value then
        headers:append("content-type", "application/octet-stream")
        headers:append("content-length", tostring(#value))
    end
    local stream = connection:new_stream()
    assert(stream:write_headers(headers, not value))
    if value then assert(stream:write_body_from_string(value)) end
    local status = assert(stream:get_headers()):get(":status")
    local body = assert(stream:get_body_as_string()) -- whole, or the connection cannot be used again
    if status:match("^2") then return status, body end
    if status == "404" and body:find('"key does not exist"', 1, true) then return status end
    if status == "404" and body:find('"service is not available"', 1, true) then
        error("service is not available", 0)
    end
    error(status .. " " .. body, 0)
end

-- Stores bytes; says whether they replace a value.
local function put(key, value) return request("PUT", key, value) == "200" end

-- The bytes; nil if the key does not exist.
local function get(key) return select(2, request("GET", key)) end

-- Says whether the key existed.
local function delete(key) return request("DELETE", key) == "200" end

local bytes = {}
for byte = 0, 255 do bytes[#bytes + 1] = string.char(byte) end
local value = table.concat(bytes)
local ok, message = pcall(function()
    print("get: " .. (get("example") and "a value" or "key does not exist"))
    for _ = 1, 2 do print("put: " .. (put("example", value) and "replaced" or "new")) end
    local got = get("example")
    print("get: " .. #got .. " bytes, " .. (got == value and "unharmed" or "harmed"))
    for _ = 1, 2 do print("delete: " .. (delete("example") and "done" or "key does not exist")) end
end)
if not ok then
    print(message)
    os.exit(message == "service is not available" and 69 or 1)
end
