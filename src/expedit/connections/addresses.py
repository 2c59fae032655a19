"""Which addresses may be reached: judged by the number that a name leads to, never by its spelling."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable

import httpx

from expedit.core import InvalidInput, Unavailable

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

_LONGEST = 4_000
# Public by its number and yet only this machine's: the clouds' metadata services and Azure's host.
_METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in ("169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "fd00:ec2::254")
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE = ipaddress.ip_network("::/96")


class FetchRefused(InvalidInput):
    """The address may not be fetched; asking again changes nothing."""


class FetchFailed(Unavailable):
    """The other side did not answer as it should; asking later may help.

    Parameters
    ----------
    reason
        What happened, without the address's secrets.
    status
        The HTTP status, or 0 when there was none.
    retry_after
        Seconds that the other side asked to be left alone; None = it did not say.
    """

    def __init__(self, reason: str, status: int = 0, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.retry_after = retry_after


def check_url(text: str, field_name: str = "url") -> httpx.URL:
    """Return a well-formed http or https address.

    Raises
    ------
    FetchRefused
        When it is none, or carries a name and password (they would end in logs).
    """
    if not isinstance(text, str) or not text.strip() or len(text) > _LONGEST:
        raise FetchRefused(field_name, "must be an http or https address")
    if any(ord(letter) < 33 or ord(letter) == 127 for letter in text.strip()) or "\\" in text:
        raise FetchRefused(field_name, "holds characters that no address has")
    try:
        url = httpx.URL(text.strip())
        host, port = url.host, url.port
    except (httpx.InvalidURL, ValueError, TypeError) as error:  # idna complains with a ValueError
        raise FetchRefused(field_name, f"is not an address: {error}") from None
    if url.scheme not in {"http", "https"}:
        raise FetchRefused(field_name, f"must start with http:// or https://, not {url.scheme[:20]!r}")
    if url.userinfo:
        raise FetchRefused(field_name, "carries a user name or password; give them in their own fields")
    if not host or not host.strip(".") or "%" in host:
        raise FetchRefused(field_name, "names no host")
    if port is not None and not 0 < port < 65_536:
        raise FetchRefused(field_name, f"names port {port}, which does not exist")
    return url


def shown_url(url: httpx.URL | str) -> str:
    """Return an address as it may stand in a log or on a page: without query, fragment, name and password."""
    parsed = httpx.URL(url) if isinstance(url, str) else url
    port = f":{parsed.port}" if parsed.port else ""
    host = f"[{parsed.host}]" if ":" in parsed.host else parsed.host
    return f"{parsed.scheme}://{host}{port}{parsed.path}"


def unwrapped(address: IpAddress) -> IpAddress:
    """Return the IPv4 address that an IPv6 address stands for (mapped, compatible, 6to4, Teredo, NAT64)."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_public(address: IpAddress) -> bool:
    """Tell whether an address belongs to the open internet, whatever form it is written in."""
    for form in (address, unwrapped(address)):
        if form in _METADATA:
            return False
    bare = unwrapped(address)
    return bare.is_global and not (
        bare.is_multicast or bare.is_reserved or bare.is_private or bare.is_unspecified or bare.is_loopback
    )


def resolve(host: str, port: int, allowed: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the addresses of `host`, all of which may be connected to.

    Parameters
    ----------
    host
        A name or an address, in any spelling that the machine's resolver understands (decimal, octal, …):
        it is what comes out of the resolver that counts.
    allowed
        Hosts, addresses and networks that may be reached although they are private.

    Raises
    ------
    FetchRefused
        When any of its addresses is private, local, link-local, multicast, or a cloud's metadata service.
    FetchFailed
        When the name is not known.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchFailed(f"the host {host[:100]} is not known: {error}") from None
    permits = tuple(allowed)
    addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    for text in addresses:
        address = ipaddress.ip_address(text)
        if not is_public(address) and not _is_allowed(host, address, permits):
            raise FetchRefused(
                "url",
                f"{host[:100]} is at the private address {text}; if that is meant, name it in the setting"
                " allow_private_addresses",
            )
    return addresses


def is_private_host(host: str, allowed: Iterable[str]) -> bool:
    """Tell whether `host` is at private addresses only, all of them allowed: nobody outside listens there."""
    permits = tuple(allowed)
    if not permits:
        return False
    try:
        found = resolve(host, 80, permits)
    except (FetchRefused, FetchFailed):
        return False
    return not any(is_public(ipaddress.ip_address(text)) for text in found)


def _is_allowed(host: str, address: IpAddress, permits: tuple[str, ...]) -> bool:
    bare = unwrapped(address)
    if isinstance(bare, ipaddress.IPv6Address) and bare.scope_id:
        return False
    for permit in permits:
        network = _network(permit)
        if network is None:
            named = host.rstrip(".").casefold() == permit.strip().rstrip(".").casefold()
            if named and not {address, bare} & _METADATA:
                return True
        elif bare.version == network.version and bare in network:
            return True
    return False


def _network(text: str) -> IpNetwork | None:
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None
