"""What every answer tells a browser to allow: nothing but what our own pages need."""

from aws_cdk import Duration
from aws_cdk import aws_cloudfront as cloudfront
from constructs import Construct

from infra.environment import Environment

LOOPBACK = ("localhost", "127.0.0.1")
PAGE_POLICY = {
    "default-src": "'none'",
    "script-src": "'self' {rooms}",
    # The hosted page carries its own style, and the widget's is set by constructed sheets.
    "style-src": "'self' 'unsafe-inline'",
    "connect-src": "'self' {rooms} {sockets}",
    "img-src": "'self' data:",
    "media-src": "'self' blob: mediastream:",
    "worker-src": "'self' blob:",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
"""The same as docs/embedding.md asks of a website that embeds the widget, for our own hosted page. `{rooms}` stands
for the hosts that video rooms may have, `{sockets}` for their sockets."""
DOCUMENT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; frame-ancestors 'none'"
)
"""What a company uploads is shown, never run: a document cannot bring scripts to our address."""
PERMISSIONS = (
    "microphone=(self), camera=(self), autoplay=(self), geolocation=(), payment=(), usb=(), display-capture=()"
)


class Headers(Construct):
    """`pages` for what the site holds, `media` for what companies show, `api` for answers of the functions."""

    def __init__(self, scope: Construct, environment: Environment) -> None:
        super().__init__(scope, "Headers")
        self._environment = environment
        hosts = environment.vendors.room_hosts
        rooms = {
            "rooms": " ".join(_with_scheme(host, "http") for host in hosts),
            "sockets": " ".join(_with_scheme(host, "ws") for host in hosts),
        }
        pages = "; ".join(f"{name} {value.format_map(rooms)}" for name, value in PAGE_POLICY.items())
        self.pages = self._policy("pages", policy=pages, shared=True)
        self.media = self._policy("media", policy=DOCUMENT_POLICY, shared=True)
        self.api = self._policy("api", policy="default-src 'none'; frame-ancestors 'none'")

    def _policy(self, name: str, policy: str, *, shared: bool = False) -> cloudfront.ResponseHeadersPolicy:
        """`shared`: other websites load it, scripts as modules and captions from within the page."""
        own = [cloudfront.ResponseCustomHeader(header="permissions-policy", value=PERMISSIONS, override=True)]
        if shared:
            own.append(
                cloudfront.ResponseCustomHeader(
                    header="cross-origin-resource-policy", value="cross-origin", override=True
                )
            )
        return cloudfront.ResponseHeadersPolicy(
            self,
            name.title(),
            response_headers_policy_name=self._environment.named(name),
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                    content_security_policy=policy, override=True
                ),
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                    referrer_policy=cloudfront.HeadersReferrerPolicy.STRICT_ORIGIN_WHEN_CROSS_ORIGIN
                    if name == "pages"
                    else cloudfront.HeadersReferrerPolicy.NO_REFERRER,
                    override=True,
                ),
                strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=Duration.days(730), include_subdomains=True, override=True
                ),
            ),
            custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(custom_headers=own),
            cors_behavior=cloudfront.ResponseHeadersCorsBehavior(
                access_control_allow_credentials=False,
                access_control_allow_headers=["*"],
                access_control_allow_methods=["GET", "HEAD"],
                access_control_allow_origins=["*"],
                origin_override=True,
            )
            if shared
            else None,
        )


def _with_scheme(host: str, scheme: str) -> str:
    """Over TLS, but for a room on this very machine, which has any port (as in `aisdr.live`)."""
    return f"{scheme}://{host}:*" if host in LOOPBACK else f"{scheme}s://{host}"
