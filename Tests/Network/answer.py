"""What a client is told, and what may be told."""

import json

UNAVAILABLE = [("msg", "error"), ("error", "service is not available")]
ABSENT = [("msg", "error"), ("error", "key does not exist")]


class Answer:
    def __init__(self, status, fields, body, seconds):
        self.status = status
        # Names in small letters.
        self.fields = fields
        self.body = body
        self.seconds = seconds

    @property
    def outcome(self):
        return self.fields.get("kvs-outcome")

    def is_unavailable(self):
        """Exactly the contract's: its status, its fields in their order, nothing more."""
        return (self.status == 404 and self._members() == UNAVAILABLE
                and self.fields.get("content-type") == "application/json")

    def is_from_main(self):
        """One that only the main can give: it has done what was asked."""
        if self.status in (200, 201):
            return ("msg", "success") in (self._members() or [])
        return self.status == 404 and self._members() == ABSENT

    def _members(self):
        try:
            return json.loads(self.body, object_pairs_hook=list)
        except ValueError:
            return None

    def __str__(self):
        outcome = f" {self.outcome}" if self.outcome else ""
        body = self.body[:80].decode(errors="replace")
        return f"{self.status} {body}{outcome} after {self.seconds:.2f} s"


def fault_of_failure(answer, method, seconds, outcomes=("not-sent", "unknown")):
    """What is wrong with an answer that should be `service is not available` within `seconds`; None
    where nothing is."""
    if answer is None:
        return f"{method}: no answer"
    if not answer.is_unavailable():
        return f"{method}: {answer}"
    if answer.seconds > seconds:
        return f"{method}: answered after {answer.seconds:.2f} s"
    expected = outcomes if method in ("PUT", "DELETE") else (None,)
    if answer.outcome not in expected:
        return f"{method}: KVS-Outcome {answer.outcome}"
    return None
