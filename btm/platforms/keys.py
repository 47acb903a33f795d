"""What an instance needs to know to work with platforms: its keys and which of their addresses to use. From the environment only; never
in the database, never in a log."""

from __future__ import annotations

from dataclasses import dataclass, field

MTURK_LIVE = "https://mturk-requester.us-east-1.amazonaws.com"
MTURK_SANDBOX = "https://mturk-requester-sandbox.us-east-1.amazonaws.com"
WORKERS_LIVE = ("https://www.mturk.com", "https://worker.mturk.com")
WORKERS_SANDBOX = ("https://workersandbox.mturk.com",)
PROLIFIC_API = "https://api.prolific.com"
PROLIFIC_SITE = "https://app.prolific.com"


@dataclass(frozen=True, slots=True)
class PlatformKeys:
    """Keys and addresses. An empty address stands for the platform's own."""

    mturk_access_key: str = ""
    mturk_secret_key: str = field(default="", repr=False)
    mturk_is_live: bool = False
    mturk_endpoint: str = ""
    mturk_worker_site: str = ""
    prolific_token: str = field(default="", repr=False)
    prolific_endpoint: str = ""
    prolific_site: str = ""

    @property
    def mturk_api(self) -> str:
        """Where MTurk's requester API is."""
        return self.mturk_endpoint or (MTURK_LIVE if self.mturk_is_live else MTURK_SANDBOX)

    @property
    def mturk_workers(self) -> tuple[str, ...]:
        """The sites on which workers see a task in a frame, and to which it is submitted back; the first one takes it."""
        if self.mturk_worker_site:
            return (self.mturk_worker_site,)
        return WORKERS_LIVE if self.mturk_is_live else WORKERS_SANDBOX

    @property
    def prolific_api(self) -> str:
        return self.prolific_endpoint or PROLIFIC_API

    @property
    def prolific_home(self) -> str:
        """Where a participant goes back to with the completion code."""
        return self.prolific_site or PROLIFIC_SITE
