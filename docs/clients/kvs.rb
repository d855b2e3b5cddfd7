# put, get and delete with net/http. Usage: ruby kvs.rb http://127.0.0.1:8080

require 'json'
require 'net/http'

class KVS
  class ServiceUnavailable < StandardError; end

  def initialize(base)
    uri = URI(base)
    @http = Net::HTTP.start(uri.hostname, uri.port) # keeps its connection
  end

  # Stores bytes; says whether they replace a value.
  def put(key, value) = send_request(Net::HTTP::Put, key, value).code == '200'

  # The bytes; nil if the key does not exist.
  def get(key)
    reply = send_request(Net::HTTP::Get, key)
    reply.body.b if reply.code == '200'
  end

  # Says whether the key existed.
  def delete(key) = send_request(Net::HTTP::Delete, key).code == '200'

  private

  def send_request(method, key, value = nil)
    request = method.new("/kvs/#{key}", 'Accept' => 'application/octet-stream')
    request.content_type = 'application/octet-stream' if value
    reply = @http.request(request, value)
    return reply if reply.is_a?(Net::HTTPSuccess)

    error = JSON.parse(reply.body)['error']
    return reply if reply.code == '404' && error == 'key does not exist'
    raise ServiceUnavailable, error if reply.code == '404' && error == 'service is not available'

    raise "#{reply.code} #{error}"
  end
end

value = (0..255).to_a.pack('C*')
begin
  kvs = KVS.new(ARGV[0])
  puts "get: #{kvs.get('example') ? 'a value' : 'key does not exist'}"
  2.times { puts "put: #{kvs.put('example', value) ? 'replaced' : 'new'}" }
  got = kvs.get('example')
  puts "get: #{got.bytesize} bytes, #{got == value ? 'unharmed' : 'harmed'}"
  2.times { puts "delete: #{kvs.delete('example') ? 'done' : 'key does not exist'}" }
rescue KVS::ServiceUnavailable => e
  puts e.message
  exit 69
end
