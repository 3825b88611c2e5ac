"""The distribution: one address for the site, the media, the HTTP API and the relay, with the firewall before it."""

from aws_cdk import CfnOutput, Duration, SecretValue
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from constructs import Construct

from aisdr.edge import HEADER
from aisdr.media_links import MEDIA, PRIVATE
from infra.acknowledge import acknowledge
from infra.environment import Environment
from infra.headers import Headers
from infra.secrets import secret_name

HOSTED_PAGE = """
function handler(event) {
  var request = event.request;
  // /widget/acme is the hosted page of a company; /widget/panel.js is a file.
  if (/^\\/widget\\/[a-z0-9-]+$/.test(request.uri)) request.uri = "/widget/hosted.html";
  return request;
}
"""
MEDIA_PATH = """
function handler(event) {
  var request = event.request;
  // The bucket reads a letter that is written out (%70) as that letter; the behaviour that wants signatures may not.
  var read = request.uri.replace(/%([0-9a-f]{2})/gi, function (_, code) {
    return String.fromCharCode(parseInt(code, 16));
  });
  if (/^\\/+media\\/+_private\\//i.test(read)) return { statusCode: 403 };
  request.uri = request.uri.replace(/^\\/media/, "");
  return request;
}
"""
PRIVATE_MEDIA_PATH = """
function handler(event) {
  var request = event.request;
  request.uri = request.uri.replace(/^\\/media/, "");
  return request;
}
"""


class Distribution(Construct):
    """Everything but the site's own files is passed on uncached, with the header by which our doors know it."""

    def __init__(
        self,
        scope: Construct,
        environment: Environment,
        *,
        site: s3.IBucket,
        http_host: str,
        socket_host: str,
        firewall_arn: str,
    ) -> None:
        super().__init__(scope, "Distribution")
        self._environment = environment
        self._key = SecretValue.secrets_manager(
            secret_name(environment, "edge-keys"), json_field=environment.edge_key
        ).unsafe_unwrap()  # CloudFormation puts it in; the template holds the secret's name
        headers, address = Headers(self, environment), environment.address
        api = self._passed_on(http_host, headers)
        self.made = cloudfront.Distribution(
            self,
            "Made",
            comment=f"AI SDR {environment.name}",
            domain_names=[address.domain] if address.domain else None,
            certificate=acm.Certificate.from_certificate_arn(self, "Certificate", address.certificate)
            if address.certificate
            else None,
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021 if address.certificate else None,
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            price_class=cloudfront.PriceClass.PRICE_CLASS_ALL,
            web_acl_id=firewall_arn,
            default_behavior=self._from_bucket(
                origins.S3BucketOrigin.with_origin_access_control(site), headers.pages, "HostedPage", HOSTED_PAGE
            ),
            additional_behaviors={
                "/api/*": api,
                "/ws": self._passed_on(socket_host, headers),
                **self._of_companies(headers),
            },
        )
        acknowledge(
            self.made,
            "Companies' visitors come from everywhere; who asks too much is refused by address, not by country",
            "AwsSolutions-CFR1",
        )
        acknowledge(
            self.made,
            "Requests are logged by standard logging v2 (edge.py), which the rule does not see",
            "AwsSolutions-CFR3",
        )
        if address.domain is None:
            acknowledge(
                self.made,
                "Without a domain of one's own the address is CloudFront's, whose certificate fixes the protocol; "
                "environments with visitors have a domain",
                "AwsSolutions-CFR4",
            )

    def _passed_on(self, host: str, headers: Headers) -> cloudfront.BehaviorOptions:
        return cloudfront.BehaviorOptions(
            origin=origins.HttpOrigin(
                host,
                protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
                origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
                custom_headers={HEADER: self._key},
            ),
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
            response_headers_policy=headers.api,
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            compress=False,
        )

    def _of_companies(self, headers: Headers) -> dict[str, cloudfront.BehaviorOptions]:
        """What companies show. The first pattern that fits decides, so what needs a signature stands first."""
        bucket, cache, environment = self._media(), self._for_a_minute(), self._environment
        behaviours = {}
        if environment.signs_media:
            behaviours[f"{MEDIA}/{PRIVATE}/*"] = self._from_bucket(
                bucket, headers.media, "PrivateMediaPath", PRIVATE_MEDIA_PATH, cache, self._signers()
            )
        behaviours[f"{MEDIA}/*"] = self._from_bucket(bucket, headers.media, "MediaPath", MEDIA_PATH, cache)
        return behaviours

    def _signers(self) -> list[cloudfront.IKeyGroup] | None:
        """Who signs addresses; None in an emulator, which knows no such thing."""
        if self._environment.emulator:
            return None
        keys = {
            name: cloudfront.PublicKey(
                self,
                f"MediaKey{name}",
                public_key_name=self._environment.named(f"media-{name}"),
                encoded_key=f"{pem.strip()}\n",
            )
            for name, pem in self._environment.media.public_keys.items()
        }
        # The secret `media-keys` names each private key by the id that CloudFront has given to its public half.
        CfnOutput(
            self,
            "MediaKeys",
            value=" ".join(f"{name}={key.public_key_id}" for name, key in keys.items()),
        ).override_logical_id("MediaKeys")
        group = cloudfront.KeyGroup(
            self, "MediaSigners", key_group_name=self._environment.named("media"), items=list(keys.values())
        )
        return [group]

    def _media(self) -> cloudfront.IOrigin:
        """The bucket of the stack Data, whose own policy lets CloudFront read."""
        bucket = s3.Bucket.from_bucket_attributes(
            self, "Media", bucket_name=self._environment.bucket("media"), region=self._environment.region
        )
        access = cloudfront.S3OriginAccessControl(
            self, "MediaAccess", origin_access_control_name=self._environment.named("media")
        )
        return origins.S3BucketOrigin.with_bucket_defaults(
            bucket, origin_access_control_id=access.origin_access_control_id
        )

    def _for_a_minute(self) -> cloudfront.CachePolicy:
        """Objects of the media bucket do not say how long they may be kept, and a picture may be replaced."""
        return cloudfront.CachePolicy(
            self,
            "MediaCache",
            cache_policy_name=self._environment.named("media"),
            default_ttl=Duration.minutes(1),
            min_ttl=Duration.seconds(0),
            max_ttl=Duration.days(365),
        )

    def _from_bucket(
        self,
        origin: cloudfront.IOrigin,
        headers: cloudfront.IResponseHeadersPolicy,
        name: str,
        rewrite: str,
        cache: cloudfront.ICachePolicy | None = None,
        signers: list[cloudfront.IKeyGroup] | None = None,
    ) -> cloudfront.BehaviorOptions:
        return cloudfront.BehaviorOptions(
            origin=origin,
            trusted_key_groups=signers,
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
            cache_policy=cache or cloudfront.CachePolicy.CACHING_OPTIMIZED,
            response_headers_policy=headers,
            function_associations=[
                cloudfront.FunctionAssociation(
                    event_type=cloudfront.FunctionEventType.VIEWER_REQUEST,
                    function=cloudfront.Function(
                        self,
                        name,
                        function_name=self._environment.named(name.lower()),
                        code=cloudfront.FunctionCode.from_inline(rewrite),
                        runtime=cloudfront.FunctionRuntime.JS_2_0,
                    ),
                )
            ],
        )
