"""Those who run other people's models, on loopback: fal and Replicate, as ``slow_vendors`` does it.

Shapes: fal.ai/docs/api-reference/inference-api/openapi/queue.json and its request errors;
replicate.com/docs/topics/predictions/lifecycle.
"""

from typing import Any

from loopback import Asked, Told
from slow_vendors import JOB, SlowVendor


class Fal(SlowVendor):
    """fal's queue. The step ``result`` is where the model's own answer is told."""

    def step(self, asked: Asked) -> str:
        """Say which step a request is."""
        if asked.method == "PUT":
            return "cancel"
        if asked.method == "POST":
            return "submit"
        if asked.path.startswith("/files/"):
            return "picture"
        return "collect" if asked.path.endswith("/status") else "result"

    def good(self, step: str, asked: Asked) -> Told:
        """Return what a step answers when all is well."""
        if step == "cancel":
            return Told(202, {"status": "CANCELLATION_REQUESTED"})
        if step == "collect":
            return self._status("COMPLETED", 200)
        if step == "result":
            image = {"url": f"{self.url}/files/a.png", "content_type": "image/png"}
            return Told(200, {"images": [image], "seed": 7})
        size = asked.json["image_size"]
        self.size = (size["width"], size["height"])
        at = f"{self.url}/fal-ai/flux-2-pro/requests/{JOB}"
        urls = {"status_url": f"{at}/status", "response_url": at, "cancel_url": f"{at}/cancel"}
        return Told(200, {"request_id": JOB, "status": "IN_QUEUE", "queue_position": 0, **urls})

    def bad(self, step: str, fault: str, asked: Asked) -> Told:
        """Return what a step answers with a fault of the vendor's own."""
        if step == "cancel":
            return Told(400, {"status": "ALREADY_COMPLETED"})
        if step == "submit":
            changed = {
                "no_url": {"status_url": None},
                "no_result_url": {"response_url": None},
                "elsewhere": {"status_url": f"{self.elsewhere}/requests/{JOB}/status"},
                "result_elsewhere": {"response_url": f"{self.elsewhere}/requests/{JOB}"},
            }
            return Told(200, {**self.good(step, asked).body, **changed[fault]})
        if step == "collect":
            statuses = {"queued": "IN_QUEUE", "running": "IN_PROGRESS", "new_status": "DREAMING"}
            return self._status(statuses[fault], 202)
        return self._result(fault)

    def _result(self, fault: str) -> Told:
        if fault == "sample_elsewhere":
            return Told(200, {"images": [{"url": f"{self.elsewhere}/files/a.png"}]})
        lists: dict[str, list[dict[str, str]]] = {"none": [], "unnamed": [{}], "two": [{}, {}]}
        if fault in lists:
            return Told(200, {"images": lists[fault]})
        if fault in {"refused", "invalid"}:
            kind = "content_policy_violation" if fault == "refused" else "value_error"
            return Told(422, {"detail": [{"loc": ["prompt"], "msg": "no", "type": kind}]})
        # The platform's own words, or a broken runner that it marks in the head alone.
        if fault == "model_500":
            return Told(500, {"detail": "?"}, {"X-Fal-Error-Type": "internal_error"})
        return Told(504, {"detail": "It timed out", "error_type": "request_timeout"})

    def _status(self, status: str, code: int) -> Told:
        return Told(code, {"status": status, "request_id": JOB})


class Replicate(SlowVendor):
    """Replicate's predictions."""

    def step(self, asked: Asked) -> str:
        """Say which step a request is."""
        if asked.path.endswith("/cancel"):
            return "cancel"
        if asked.method == "POST":
            return "upload" if asked.path == "/v1/files" else "submit"
        return "picture" if asked.path.startswith("/files/") else "collect"

    def good(self, step: str, asked: Asked) -> Told:
        """Return what a step answers when all is well."""
        if step == "upload":
            urls = {"get": f"{self.url}/v1/files/{self.steps.count('upload')}"}
            return Told(201, {"id": "file-1", "urls": urls})
        if step == "submit":
            self.size = (asked.json["input"]["width"], asked.json["input"]["height"])
            return Told(201, self._prediction("starting"))
        if step == "cancel":
            return Told(200, self._prediction("canceled"))
        return Told(200, self._prediction("succeeded", output=f"{self.url}/files/out.png"))

    def bad(self, step: str, fault: str, asked: Asked) -> Told:
        """Return what a step answers with a fault of the vendor's own."""
        if step == "upload":
            return Told(201, {"id": "file-1", "urls": {}})
        if step == "submit":
            urls = {
                "no_url": {},
                "elsewhere": {"get": f"{self.elsewhere}/v1/predictions/{JOB}"},
            }
            return Told(201, {**self.good(step, asked).body, "urls": urls[fault]})
        outputs: dict[str, Any] = {
            "listed": [f"{self.url}/files/out.png"],
            "two": [f"{self.url}/files/out.png"] * 2,
            "none": None,
            "sample_elsewhere": f"{self.elsewhere}/files/out.png",
        }
        if fault in outputs:
            return Told(200, self._prediction("succeeded", output=outputs[fault]))
        status, _, said = fault.partition(":")
        return Told(200, self._prediction(status, error=said or None))

    def _prediction(self, status: str, **more: Any) -> dict[str, Any]:
        at = f"{self.url}/v1/predictions/{JOB}"
        urls = {"get": at, "cancel": f"{at}/cancel"}
        return {"id": JOB, "status": status, "urls": urls, "output": None, "error": None, **more}
