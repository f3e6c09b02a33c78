"""Every setting, read from the environment once and checked at start. Documented in docs/settings.md."""

from __future__ import annotations

import platform
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
_KEY_BYTES = 32
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}")
SECRET_KEY = "secret-key"  # noqa: S105 - the name of its file in the instance


class SettingError(ValueError):
    """A setting is missing or wrong; the message names it."""


@dataclass(frozen=True, slots=True)
class Mailing:
    """Where e-mail goes out; without it, messages stay in the outbox."""

    host: str
    port: int
    sender: str
    user: str | None
    password: str | None
    tls: bool


@dataclass(frozen=True, slots=True)
class OpenId:
    """A provider of identities that people may sign in with."""

    name: str
    issuer: str
    client_id: str
    client_secret: str


@dataclass(frozen=True, slots=True)
class Signing:
    """The company's certificate, in PEM files, instead of a key made for the instance."""

    certificate: Path
    key: Path
    passphrase: str | None


@dataclass(frozen=True, slots=True)
class Places:
    """Where the instance keeps what it has: all that backup, restoring and checking need to know of the settings."""

    instance: Path
    database_url: str
    backup_key: Path | None


@dataclass(frozen=True, slots=True)
class Settings:
    """How this instance runs."""

    instance: Path
    database_url: str
    secret_key: str
    base_url: str
    host: str
    port: int
    threads: int
    proxies: int
    default_pack: str
    rules: Path
    mailing: Mailing | None
    openid: OpenId | None
    queue: str = ""
    workers: int = 2
    worker: str = "worker"
    signing: Signing | None = None
    log: str = "plain"
    metrics_token: str = ""
    stop_seconds: int = 20
    webhook_internal: tuple[str, ...] = ()

    @property
    def secure(self) -> bool:
        """True when the site is reached over TLS."""
        return self.base_url.startswith("https://")


def _number(environment: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    value = environment.get(name, str(default))
    if not value.isdecimal() or not low <= int(value) <= high:
        raise SettingError(f"{name}: {value!r} is not a whole number from {low} to {high}")
    return int(value)


def _secret_key(instance: Path) -> str:
    """Return the instance's key, made at first start and readable by its owner alone."""
    path = instance / SECRET_KEY
    if not path.exists():
        instance.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(_KEY_BYTES), encoding="ascii")
    return path.read_text(encoding="ascii").strip()


def places(environment: Mapping[str, str]) -> Places:
    """Return where everything lies; nothing is made, and no other setting needs to be right."""
    instance = Path(environment.get("PYRAMIDE_INSTANCE", ROOT / "instance")).resolve()
    key = environment.get("PYRAMIDE_BACKUP_KEY")
    return Places(
        instance,
        environment.get("PYRAMIDE_DATABASE_URL", f"sqlite:///{instance / 'pyramide.sqlite'}"),
        Path(key) if key else None,
    )


def load(environment: Mapping[str, str]) -> Settings:
    """Return the settings. Raises SettingError naming the first that is wrong."""
    found = places(environment)
    instance = found.instance
    host = environment.get("PYRAMIDE_HOST", "127.0.0.1")
    port = _number(environment, "PYRAMIDE_PORT", 8000, 1, 65535)
    base_url = environment.get("PYRAMIDE_BASE_URL", f"http://{'localhost' if host == '127.0.0.1' else host}:{port}")
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path not in ("", "/"):
        raise SettingError(f"PYRAMIDE_BASE_URL: {base_url!r} is not an address such as https://pyramide.example")
    key = environment.get("PYRAMIDE_SECRET_KEY") or _secret_key(instance)
    if len(key) < _KEY_BYTES:
        raise SettingError(f"PYRAMIDE_SECRET_KEY: at least {_KEY_BYTES} characters are needed")
    return Settings(
        instance=instance,
        database_url=_database(found.database_url),
        secret_key=key,
        base_url=base_url.rstrip("/"),
        host=host,
        port=port,
        threads=_number(environment, "PYRAMIDE_THREADS", 8, 1, 64),
        proxies=_number(environment, "PYRAMIDE_PROXIES", 0, 0, 5),
        default_pack=environment.get("PYRAMIDE_PACK", "ai-act-2026"),
        rules=Path(environment.get("PYRAMIDE_RULES", ROOT / "rules")),
        mailing=_mailing(environment),
        openid=_openid(environment),
        queue=_queue(environment, instance),
        workers=_number(environment, "PYRAMIDE_WORKERS", 2, 0, 32),
        worker=environment.get("PYRAMIDE_WORKER_NAME") or platform.node() or "worker",
        signing=_signing(environment),
        log=_log(environment),
        metrics_token=_metrics_token(environment),
        stop_seconds=_number(environment, "PYRAMIDE_STOP_SECONDS", 20, 0, 300),
        webhook_internal=_webhook_internal(environment),
    )


def _database(url: str) -> str:
    scheme = urlsplit(url).scheme
    if scheme not in ("sqlite", "postgresql", "postgresql+psycopg"):  # the address itself may hold a password
        raise SettingError(f"PYRAMIDE_DATABASE_URL: {scheme!r} is neither sqlite:/// nor postgresql://")
    return url


def _log(environment: Mapping[str, str]) -> str:
    kind = environment.get("PYRAMIDE_LOG", "plain")
    if kind not in ("plain", "json"):
        raise SettingError(f"PYRAMIDE_LOG: {kind!r} is neither plain nor json")
    return kind


def _metrics_token(environment: Mapping[str, str]) -> str:
    token = environment.get("PYRAMIDE_METRICS_TOKEN", "")
    if token and (len(token) < _KEY_BYTES or not token.isascii()):
        raise SettingError(f"PYRAMIDE_METRICS_TOKEN: at least {_KEY_BYTES} characters are needed, of ASCII")
    return token


def _queue(environment: Mapping[str, str], instance: Path) -> str:
    url = environment.get("PYRAMIDE_QUEUE") or f"sqlite:///{instance / 'queue.sqlite'}"
    if urlsplit(url).scheme not in ("sqlite", "postgresql", "redis", "rediss"):
        raise SettingError(f"PYRAMIDE_QUEUE: {url!r} is neither sqlite:///, postgresql:// nor redis://")
    return url


def _webhook_internal(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names and networks of the house that webhooks may be sent to."""
    found = tuple(environment.get("PYRAMIDE_WEBHOOK_INTERNAL", "").replace(",", " ").split())
    for entry in found:
        try:
            ip_network(entry)
        except ValueError:
            if not _HOST.fullmatch(entry) or entry.replace(".", "").isdecimal():
                raise SettingError(
                    f"PYRAMIDE_WEBHOOK_INTERNAL: {entry!r} is neither a name nor a network such as 10.1.0.0/16"
                ) from None
    return found


def _signing(environment: Mapping[str, str]) -> Signing | None:
    certificate, key = environment.get("PYRAMIDE_SIGNING_CERTIFICATE"), environment.get("PYRAMIDE_SIGNING_KEY")
    if not certificate and not key:
        return None
    for name, path in (("PYRAMIDE_SIGNING_CERTIFICATE", certificate), ("PYRAMIDE_SIGNING_KEY", key)):
        if not path or not Path(path).is_file():
            raise SettingError(f"{name}: {path or ''!r} is not a file; both the certificate and its key are needed")
    return Signing(Path(certificate or ""), Path(key or ""), environment.get("PYRAMIDE_SIGNING_PASSPHRASE"))


def _mailing(environment: Mapping[str, str]) -> Mailing | None:
    host = environment.get("PYRAMIDE_SMTP_HOST")
    if not host:
        return None
    sender = environment.get("PYRAMIDE_SMTP_FROM", "")
    if "@" not in sender:
        raise SettingError("PYRAMIDE_SMTP_FROM: the sender's address is needed with PYRAMIDE_SMTP_HOST")
    return Mailing(
        host,
        _number(environment, "PYRAMIDE_SMTP_PORT", 587, 1, 65535),
        sender,
        environment.get("PYRAMIDE_SMTP_USER"),
        environment.get("PYRAMIDE_SMTP_PASSWORD"),
        environment.get("PYRAMIDE_SMTP_TLS", "yes") == "yes",
    )


def _openid(environment: Mapping[str, str]) -> OpenId | None:
    issuer = environment.get("PYRAMIDE_OIDC_ISSUER")
    if not issuer:
        return None
    for name in ("PYRAMIDE_OIDC_CLIENT_ID", "PYRAMIDE_OIDC_CLIENT_SECRET"):
        if not environment.get(name):
            raise SettingError(f"{name}: needed with PYRAMIDE_OIDC_ISSUER")
    return OpenId(
        environment.get("PYRAMIDE_OIDC_NAME", "OpenID"),
        issuer.rstrip("/"),
        environment["PYRAMIDE_OIDC_CLIENT_ID"],
        environment["PYRAMIDE_OIDC_CLIENT_SECRET"],
    )
