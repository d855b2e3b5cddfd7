"""Makes scripts for the rogue main, from a seeded generator."""

import random

import reply_mutations
from good_replies import good_reply
from mutator import Mutator
from reply_dictionary import WORDS
from script import Script

# What a forwarder passes on as it came: what it means is for the main to say.
QUERIES = ["ttl=60", "ttl=", "ttl=%36%30&ttl=x", "a", "&&", "?", "limit=0&cursor=%00",
           "limit=10&cursor=0f", "%zz=+"]
CONDITIONS = ['If-Match: *', 'If-None-Match: *', 'If-Match: "0a3e2d18537f93433489e1b1ea5b12b5-raw"',
              'If-None-Match: W/"a", "b,c"', 'If-Match: bart', 'If-None-Match:', 'if-match: "\x80", *']
# Between the pieces of a reply; of more than so many none waits, so that the forwarder's timeout is far.
PAUSE_SECONDS = 0.005
PAUSES = 20
BYTE_BY_BYTE_LIMIT = 500
# Behind a whole reply, or on an idle connection.
BEHIND = [b"x", b"\r\n", b"\0", b"y" * 70_000,
          b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 408 Request Timeout\r\n\r\n",
          b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 17\r\n\r\n"
          b'{"msg":"success"}']


class ScriptSource:
    """The same seed gives the same scripts."""

    def __init__(self, seed):
        self.seed, self.random, self.count = seed, random.Random(seed), 0
        corpus = [good_reply(self.random, method, "rogue_0_0_").stream()
                  for method in ("GET", "HEAD", "PUT", "DELETE") for _ in range(8)]
        self.mutator = Mutator(corpus, seed, WORDS)

    def next_script(self, may_flood):
        self.count += 1
        method = self.random.choice(("GET", "GET", "HEAD", "PUT", "PUT", "DELETE"))
        script = Script(method, f"rogue_{self.seed}_{self.count}_")
        if method == "PUT":
            script.body_size = self.random.choice((0, 1, 100, 5000, 300_000))
        script.is_list = method in ("GET", "HEAD") and not self.random.randrange(5)
        if not self.random.randrange(3):
            script.query = self.random.choice(QUERIES)
        if not self.random.randrange(3):
            script.conditions = self.random.sample(CONDITIONS, self.random.choice((1, 1, 2, 3)))
        parts = good_reply(self.random, method, script.key)
        labels = []
        kind = self.random.randrange(20)
        if kind == 0 and may_flood:
            labels.append(reply_mutations.without_end(self.random, parts))
        elif 1 <= kind < 11:
            for _ in range(self.random.choice((1, 1, 1, 2))):
                labels.append(self.random.choice(reply_mutations.MUTATIONS)(self.random, parts))
        script.reply, script.filler = parts.stream(), parts.filler
        if kind >= 17:
            script.reply = self.mutated(script.reply)
            labels.append("bytes")
        if not script.filler:
            self.choose_end(script, labels)
        self.choose_pieces(script)
        script.label = ", ".join(labels) or "good"
        return script

    def mutated(self, reply):
        data = bytearray(reply)
        for _ in range(self.random.choice((1, 1, 2, 4))):
            self.random.choice(Mutator.MUTATIONS)(self.mutator, data)
        return bytes(data)

    def choose_end(self, script, labels):
        match self.random.randrange(24):
            case 0 | 1:
                script.reply = script.reply[:self.random.randrange(len(script.reply) + 1)]
                labels.append("cut")
            case 2:
                script.reply += self.random.choice(BEHIND + [script.reply[:5000]])
                labels.append("bytes behind")
            case 3:
                script.afterwards = self.random.choice(BEHIND)
                labels.append("bytes when idle")
            case 4 if script.body_size:
                script.is_early = True
                labels.append("early")
        # Silence behind half a reply costs the whole timeout.
        endings = ("fin", "fin", "fin", "reset", "keep") if script.reading.is_incomplete else (
            "keep", "keep", "keep", "keep", "keep", "keep", "fin", "fin", "reset")
        script.ending = self.random.choice(endings)
        # The reading depends on it.
        del script.reading

    def choose_pieces(self, script):
        size = len(script.reply)
        match self.random.randrange(10):
            case 0 if size <= BYTE_BY_BYTE_LIMIT:
                script.splits = list(range(1, size))
            case 1:
                script.splits = [i + self.random.randrange(3) for i in range(size)
                                 if script.reply[i:i + 2] == b"\r\n"][:80]
            case 2 | 3 | 4:
                count = self.random.choice((1, 1, 2, 3, 8))
                script.splits = sorted(self.random.randrange(size + 1) for _ in range(count))
        if len(script.splits) <= PAUSES and self.random.randrange(2):
            script.pause = PAUSE_SECONDS
