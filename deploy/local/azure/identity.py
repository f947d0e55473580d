"""Signing in: who there is, their tokens, and what each may do.

Tokens are JWTs signed with a key of this run; managed identities get theirs as App Service and
the instance metadata service give it, registered applications by client credentials.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from deploy.local.azure.calls import Answer, Call, Operation, Refusal

_LIFETIME_SECONDS = 3600
_AUDIENCES = (
    "https://management.azure.com",
    "https://management.core.windows.net",
    "https://metrics.monitor.azure.com",
)
_MANAGED_IDENTITIES = (
    "/subscriptions/{subscription}/resourcegroups/identities/providers"
    "/Microsoft.ManagedIdentity/userAssignedIdentities/"
)


@dataclass(frozen=True)
class Identity:
    """An identity that can sign in. A reader (`writes` False) is refused every change."""

    name: str
    client_id: str
    object_id: str
    secret: str
    writes: bool

    @property
    def mirid(self) -> str:
        """The managed identity's own ARM id, as its tokens carry it."""
        scope = _MANAGED_IDENTITIES.format(subscription="00000000-0000-0000-0000-000000000001")
        return scope + self.name


OPERATOR = Identity(
    "vmbackup-operator",
    "aaaaaaaa-0000-0000-0000-000000000001",
    "bbbbbbbb-0000-0000-0000-000000000001",
    "operator-of-the-stand-in",
    writes=True,
)
READER = Identity(
    "vmbackup-reader",
    "aaaaaaaa-0000-0000-0000-000000000002",
    "bbbbbbbb-0000-0000-0000-000000000002",
    "reader-of-the-stand-in",
    writes=False,
)


@dataclass(frozen=True)
class Grant:
    """A role assignment: the actions of the role, which may end in `*`, at a scope and below."""

    scope: str
    actions: tuple[str, ...]
    not_actions: tuple[str, ...] = ()


@dataclass
class SignIn:
    """The identities of a world, the key its tokens are signed with, and the header that a
    managed identity's endpoint wants. A request without a client id means `default`."""

    identities: list[Identity] = field(default_factory=lambda: [OPERATOR, READER])
    header: str = field(default_factory=lambda: secrets.token_hex(16))
    #: by client id; an identity without an entry may read all, and an operator change all
    grants: dict[str, tuple[Grant, ...]] = field(default_factory=dict)
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    @property
    def default(self) -> Identity:
        return self.identities[0]

    def grants_of(self, identity: Identity) -> tuple[Grant, ...]:
        """Its role assignments."""
        default = Grant("", ("*",) if identity.writes else ("*/read",))
        return self.grants.get(identity.client_id, (default,))

    def find(self, client_id: str) -> Identity | None:
        wanted = client_id.lower()
        return next((one for one in self.identities if one.client_id == wanted), None)

    def token(
        self,
        identity: Identity,
        tenant_id: str,
        audience: str = _AUDIENCES[0],
        lifetime_seconds: int = _LIFETIME_SECONDS,
    ) -> str:
        """A signed JWT. Its times are real ones: a client's clock does not follow the world's."""
        now = int(time.time())
        claims = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{tenant_id}/",
            "iat": now,
            "nbf": now,
            "exp": now + lifetime_seconds,
            "appid": identity.client_id,
            "idtyp": "app",
            "oid": identity.object_id,
            "sub": identity.object_id,
            "tid": tenant_id,
            "ver": "1.0",
            "xms_mirid": identity.mirid,
        }
        head = _encoded({"typ": "JWT", "alg": "HS256", "kid": "stand-in"})
        signed = f"{head}.{_encoded(claims)}"
        return f"{signed}.{self._signature(signed)}"

    def claims(self, authorization: str) -> dict[str, Any]:
        """What a request's bearer token says. Raises Refusal 401 as ARM does."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _unauthorized("AuthenticationFailed", _NO_TOKEN)
        signed, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(signed).encode()):
            raise _unauthorized("InvalidAuthenticationToken", "The access token is invalid.")
        claims = json.loads(_decoded(signed.split(".")[1]))
        _check_times_and_audience(claims)
        return dict(claims)

    def _signature(self, signed: str) -> str:
        digest = hmac.new(self.key, signed.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


_NO_TOKEN = "Authentication failed. The 'Authorization' header is missing."  # noqa: S105


def _check_times_and_audience(claims: dict[str, Any]) -> None:
    if claims["exp"] <= time.time():
        raise expired(claims["exp"])
    if not str(claims["aud"]).startswith(_AUDIENCES):
        raise _unauthorized(
            "InvalidAuthenticationTokenAudience",
            f"The access token has been obtained for wrong audience or resource '{claims['aud']}'."
            f" It should exactly match with one of the allowed audiences"
            f" '{','.join(f'{audience}/' for audience in _AUDIENCES[:2])}'.",
        )


def expired(at: float | None = None) -> Refusal:
    """The refusal of a token whose time is over, since `at` (Unix time) or just now."""
    now = time.time()
    return _unauthorized(
        "ExpiredAuthenticationToken",
        f"The access token expiry UTC time '{_american(at or now - 60)}' is earlier than "
        f"current UTC time '{_american(now)}'.",
    )


def _american(at: float) -> str:
    moment = time.gmtime(at)
    hour = moment.tm_hour % 12 or 12
    half = "PM" if moment.tm_hour >= 12 else "AM"
    day = f"{moment.tm_mon}/{moment.tm_mday}/{moment.tm_year}"
    return f"{day} {hour}:{moment.tm_min:02}:{moment.tm_sec:02} {half}"


def _unauthorized(code: str, message: str) -> Refusal:
    challenge = (
        'Bearer authorization_uri="https://login.microsoftonline.com/", '
        f'error="invalid_token", error_description="{message}"'
    )
    headers = {"WWW-Authenticate": challenge, "x-ms-failure-cause": "gateway"}
    return Refusal(401, code, message, headers=headers)


def _encoded(value: dict[str, Any]) -> str:
    text = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


# --- the endpoints ---------------------------------------------------------------------------


def app_service_token(call: Call) -> Answer:
    """IDENTITY_ENDPOINT: what App Service and Container Apps give their managed identity."""
    if call.headers.get("X-IDENTITY-HEADER") != call.world.part(SignIn).header:
        return Answer(401, {"statusCode": 401, "message": "The identity header is wrong."})
    return _managed_identity_token(call)


def instance_metadata_token(call: Call) -> Answer:
    """The instance metadata service's; it wants the header Metadata: true."""
    if call.headers.get("Metadata", "").lower() != "true":
        message = "Required metadata header not specified"
        return Answer(400, {"error": "invalid_request", "error_description": message})
    return _managed_identity_token(call)


def _managed_identity_token(call: Call) -> Answer:
    sign_in, client_id = call.world.part(SignIn), call.query.get("client_id", "")
    identity = sign_in.find(client_id) if client_id else sign_in.default
    if identity is None:
        message = "Identity not found"
        return Answer(400, {"error": "invalid_request", "error_description": message})
    resource = call.query.get("resource", _AUDIENCES[0])
    token = sign_in.token(identity, call.world.tenant_id, resource)
    ends = int(time.time()) + _LIFETIME_SECONDS
    body = {
        "access_token": token,
        "client_id": identity.client_id,
        "expires_in": str(_LIFETIME_SECONDS),
        "expires_on": str(ends),
        "not_before": str(ends - _LIFETIME_SECONDS),
        "resource": resource,
        "token_type": "Bearer",
    }
    return Answer(200, body)


def client_credentials_token(call: Call) -> Answer:
    """Entra's token endpoint, for an application and its secret."""
    form = {name: values[0] for name, values in parse_qs(call.raw.decode()).items()}
    sign_in = call.world.part(SignIn)
    if form.get("grant_type") != "client_credentials":
        return _no_token("unsupported_grant_type", "AADSTS70003", "The grant type is not supported")
    identity = sign_in.find(form.get("client_id", ""))
    if identity is None:
        text = f"Application with identifier '{form.get('client_id')}' was not found"
        return _no_token("unauthorized_client", "AADSTS700016", text)
    if not hmac.compare_digest(identity.secret.encode(), form.get("client_secret", "").encode()):
        return _no_token("invalid_client", "AADSTS7000215", "Invalid client secret provided")
    audience = (form.get("scope") or form.get("resource") or "").removesuffix("/.default")
    body = {
        "token_type": "Bearer",
        "expires_in": _LIFETIME_SECONDS,
        "ext_expires_in": _LIFETIME_SECONDS,
        "access_token": sign_in.token(identity, call.world.tenant_id, audience),
    }
    return Answer(200, body)


def _no_token(error: str, code: str, text: str) -> Answer:
    number = int(code.removeprefix("AADSTS"))
    status = 401 if error == "invalid_client" else 400
    body = {"error": error, "error_description": f"{code}: {text}.", "error_codes": [number]}
    return Answer(status, body)


def openid_configuration(call: Call) -> Answer:
    """OpenID metadata of a tenant; every tenant name leads to the world's one tenant."""
    authority = f"{call.base_url}/{call.params['tenant']}"
    body = {
        "token_endpoint": f"{authority}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "jwks_uri": f"{authority}/discovery/v2.0/keys",
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["HS256"],
        "response_types_supported": ["code", "id_token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": f"{call.base_url}/{call.world.tenant_id}/v2.0",
        "authorization_endpoint": f"{authority}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{authority}/oauth2/v2.0/devicecode",
        "tenant_region_scope": "EU",
    }
    return Answer(200, body)


def discovery_instance(call: Call) -> Answer:
    """Where an authority's metadata is, for clients that ask before they trust it."""
    host = call.base_url.split("//")[1]
    endpoint = f"{call.base_url}/{call.world.tenant_id}/v2.0/.well-known/openid-configuration"
    names = {"preferred_network": host, "preferred_cache": host, "aliases": [host]}
    body = {"tenant_discovery_endpoint": endpoint, "api-version": "1.1", "metadata": [names]}
    return Answer(200, body)


IDENTITY_PATH = "/msi/token"
OPERATIONS = (
    Operation("Identity_AppServiceToken", "GET", IDENTITY_PATH, app_service_token, True),
    Operation(
        "Identity_InstanceMetadataToken",
        "GET",
        "/metadata/identity/oauth2/token",
        instance_metadata_token,
        True,
    ),
    Operation(
        "Identity_DiscoveryInstance", "GET", "/common/discovery/instance", discovery_instance, True
    ),
    Operation(
        "Identity_OpenIdConfiguration",
        "GET",
        "/{tenant}/v2.0/.well-known/openid-configuration",
        openid_configuration,
        True,
    ),
    Operation(
        "Identity_ClientCredentialsToken",
        "POST",
        "/{tenant}/oauth2/v2.0/token",
        client_credentials_token,
        True,
    ),
)
