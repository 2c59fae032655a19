"""Who asks, what may be known of them, and which arm they are in."""

from __future__ import annotations

from functools import lru_cache

from expedit.access import Caller, check_user_hash
from expedit.core import InvalidInput, NotAllowed, Struct
from expedit.decisions.wire import Asking
from expedit.experiments import HOLDOUT, PERSONALIZED, holdout_arm
from expedit.identity import identify
from expedit.profiles import Profile, read_profile
from expedit.storage import Shop

PERSONALIZATION = "personalization"


class Asker(Struct, frozen=True, gc=False):
    """Who asks, as far as may be known.

    Parameters
    ----------
    subject
        Subject id to log: the device if there is one, else the user; empty without consent to
        personalization.
    profile
        What is known of them; None without consent, or for a newcomer.
    experiment, arm
        Exposure: both empty for those who take no part, since without consent nobody may be followed.
    personal
        Whether the answer may be shaped by the profile: consent, and not held out.
    consented
        Whether they consent to personalization.
    source
        Id of the source that asks.
    """

    subject: str = ""
    profile: Profile | None = None
    experiment: str = ""
    arm: str = ""
    personal: bool = False
    consented: bool = False
    source: str = ""


def find_asker(shop: Shop, caller: Caller, asking: Asking, cookie: str) -> Asker:
    """Return who asks.

    What the request says of consent goes before what was said earlier, and that before the source's default.

    Raises
    ------
    InvalidInput
        When an id is junk; the field is named.
    NotAllowed
        When a public key asks about a ``userId`` without the shop's signature.
    """
    source = caller.source.id if caller.source is not None else ""
    user = _user(shop, caller, asking)
    said = None if asking.consent is None else asking.consent.get(PERSONALIZATION)
    if said is False:
        return Asker(source=source)
    device = _device(shop, asking, cookie)
    if not device and not user:
        return Asker(source=source)
    profile = read_profile(shop.database, user) if user else None
    if profile is None and device:
        profile = read_profile(shop.database, device)
    if said is None and profile is not None:
        said = profile.consents.get(PERSONALIZATION)
    if said is None:
        said = caller.source is not None and caller.source.consent.get(PERSONALIZATION, False)
    if not said:
        return Asker(source=source)
    subject = device or user
    arm = holdout_arm(shop, profile.bucket_key if profile is not None else subject)
    return Asker(subject, profile, HOLDOUT, arm, arm == PERSONALIZED, True, source)


def _user(shop: Shop, caller: Caller, asking: Asking) -> str:
    """Return the subject of the request's user id, or nothing."""
    if not asking.user_id:
        return ""
    if not caller.trusted:
        try:
            check_user_hash(shop, asking.user_id, asking.user_hash or "")
        except NotAllowed as error:
            raise NotAllowed(f"userHash: {error}") from None
    return identify(shop.secret, "user_id", asking.user_id, "userId").subject_id


def _device(shop: Shop, asking: Asking, cookie: str) -> str:
    """Return the subject of the request's anonymous id, or of the cookie; a cookie that is junk is
    nobody's."""
    if asking.anonymous_id:
        return _subject(shop.secret, asking.anonymous_id)
    if cookie:
        try:
            return _subject(shop.secret, cookie)
        except InvalidInput:
            return ""
    return ""


@lru_cache(maxsize=20_000)
def _subject(secret: bytes, anonymous_id: str) -> str:
    """Return the subject of a device; those that asked lately are remembered, since a visit asks many
    times."""
    return identify(secret, "anonymous_id", anonymous_id, "anonymousId").subject_id
