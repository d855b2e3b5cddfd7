# put, get and delete with LWP. Usage: perl kvs.pl http://127.0.0.1:8080
use strict;
use warnings;
use JSON::PP;
use LWP::UserAgent;

my $base = shift;
my $http = LWP::UserAgent->new(keep_alive => 1);    # keeps its connection

# One request: its status and the reply's body. Where the key does not exist the status is 404.
sub request {
    my ($method, $key, $value) = @_;
    my $request = HTTP::Request->new($method, "$base/kvs/$key", [Accept => 'application/octet-stream']);
    if (defined $value) {
        $request->content_type('application/octet-stream');
        $request->content($value);
    }
    my $reply = $http->request($request);
    return ($reply->code, $reply->content) if $reply->is_success;
    die $reply->status_line, "\n" if $reply->code != 404;
    my $error = decode_json($reply->content)->{error};
    return (404, undef) if $error eq 'key does not exist';
    die "$error\n";
}

# Stores bytes; says whether they replace a value.
sub put { my ($status) = request('PUT', @_); $status == 200 }

# The bytes; undef if the key does not exist.
sub get { my (undef, $body) = request('GET', @_); $body }

# Says whether the key existed.
sub del { my ($status) = request('DELETE', @_); $status == 200 }

my $value = pack 'C*', 0 .. 255;
eval {
    print 'get: ', (defined get('example') ? 'a value' : 'key does not exist'), "\n";
    print 'put: ', (put('example', $value) ? 'replaced' : 'new'), "\n" for 1 .. 2;
    my $got = get('example');
    print 'get: ', length $got, ' bytes, ', ($got eq $value ? 'unharmed' : 'harmed'), "\n";
    print 'delete: ', (del('example') ? 'done' : 'key does not exist'), "\n" for 1 .. 2;
    1;
} or do {
    die $@ if $@ ne "service is not available\n";
    print $@;
    exit 69;
};
