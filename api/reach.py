"""How browsers get to the service: certificates that work, proxies that are named, the address."""

import socket
import ssl
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from pathlib import Path

from sbd.errors import InputError

_PORTS = {"http": 80, "https": 443}


def check_pair(certificate: Path, key: Path) -> None:
    """Raise InputError where a certificate and its key are no pair that TLS can use."""
    for what, file in (("--certificate", certificate), ("--key", key)):
        try:
            file.read_bytes()
        except OSError as error:
            raise InputError(f"{what} {file}: {error.strerror}; name a PEM file") from error
    try:
        # Nobody sits there to type a password when the machine starts.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or str(error)
        raise InputError(
            f"--certificate {certificate}, --key {key}: no pair that TLS can use ({reason}); give "
            "the PEM files of one certificate and of its key, the key without a password"
        ) from error


def check_proxies(text: str) -> None:
    """Raise InputError for what names no proxy: everybody could then say who he is.

    >>> check_proxies("127.0.0.1, 10.1.0.0/16")
    >>> check_proxies("*")
    Traceback (most recent call last):
    ...
    sbd.errors.InputError: --proxy '*': not an address; give that of the proxy, such as 127.0.0.1 \
or 10.1.0.0/16, several with commas
    """
    for part in text.split(","):
        try:
            ip_network(part.strip())
        except ValueError as error:
            raise InputError(
                f"--proxy {part.strip()[:80]!r}: not an address; give that of the proxy, such as "
                "127.0.0.1 or 10.1.0.0/16, several with commas"
            ) from error


def address_of(
    listener: socket.socket, *, names: Sequence[str], is_tls: bool, is_behind_proxy: bool
) -> str:
    """Return the address that people type, as far as it can be known here."""
    host, port = listener.getsockname()[:2]
    if names and is_behind_proxy:
        return f"https://{names[0]}"  # on which port the proxy listens is its own affair
    scheme = "https" if is_tls else "http"
    if names:
        host = names[0]
    elif ip_address(host).is_unspecified:
        host = socket.gethostname()  # "all addresses" is none to go to
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}" + ("" if port == _PORTS[scheme] else f":{port}")
