"""The firewall at the edge: how much one visitor's address may ask, and what AWS knows to be hostile."""

from typing import Any

from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from infra.environment import Environment

Rule = waf.CfnWebACL.RuleProperty
MANAGED = ("AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesKnownBadInputsRuleSet")
"""Not the common rule set: it takes questions about code for attacks, and offers of voice calls are too large for it.
The doors parse strictly themselves."""
SESSIONS = ("/api/session", "/api/tavus/session")
VENDORS = ("/api/tavus/webhook/", "/api/tavus/delivery")


class Firewall(Construct):
    """Rates are counted over five minutes for each address. Frames of an open socket are counted by the relay."""

    def __init__(self, scope: Construct, environment: Environment) -> None:
        super().__init__(scope, "Firewall")
        wanted = environment.firewall
        vendors = _any_of([_path(path, "STARTS_WITH") for path in VENDORS])
        opening = waf.CfnWebACL.StatementProperty(
            and_statement=waf.CfnWebACL.AndStatementProperty(
                statements=[
                    _any_of([_path(path, "EXACTLY") for path in SESSIONS]),
                    _matching("POST", "EXACTLY", method={}),
                ]
            )
        )
        visitors = waf.CfnWebACL.StatementProperty(not_statement=waf.CfnWebACL.NotStatementProperty(statement=vendors))
        rates = {
            "sessions": _rate(wanted.sessions, opening),
            "vendors": _rate(wanted.vendors, vendors),
            "requests": _rate(wanted.requests, visitors),
        }
        rules = [
            _rule(number, name, statement, action=waf.CfnWebACL.RuleActionProperty(block={}))
            for number, (name, statement) in enumerate(rates.items())
        ]
        for number, name in enumerate(MANAGED, start=len(rules)):
            group = waf.CfnWebACL.ManagedRuleGroupStatementProperty(vendor_name="AWS", name=name)
            statement = waf.CfnWebACL.StatementProperty(managed_rule_group_statement=group)
            rules.append(_rule(number, name, statement, override_action=waf.CfnWebACL.OverrideActionProperty(none={})))
        self.arn = waf.CfnWebACL(
            self,
            "Acl",
            name=environment.named("edge"),
            scope="CLOUDFRONT",
            default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_visible("all"),
            rules=rules,
        ).attr_arn


def _rule(number: int, name: str, statement: waf.CfnWebACL.StatementProperty, **action: Any) -> Rule:
    return Rule(name=name, priority=number, statement=statement, visibility_config=_visible(name), **action)


def _rate(limit: int, of: waf.CfnWebACL.StatementProperty) -> waf.CfnWebACL.StatementProperty:
    return waf.CfnWebACL.StatementProperty(
        rate_based_statement=waf.CfnWebACL.RateBasedStatementProperty(
            limit=limit, aggregate_key_type="IP", evaluation_window_sec=300, scope_down_statement=of
        )
    )


def _any_of(statements: list[waf.CfnWebACL.StatementProperty]) -> waf.CfnWebACL.StatementProperty:
    return waf.CfnWebACL.StatementProperty(or_statement=waf.CfnWebACL.OrStatementProperty(statements=statements))


def _path(text: str, how: str) -> waf.CfnWebACL.StatementProperty:
    return _matching(text, how, uri_path={})


def _matching(text: str, how: str, **field: Any) -> waf.CfnWebACL.StatementProperty:
    return waf.CfnWebACL.StatementProperty(
        byte_match_statement=waf.CfnWebACL.ByteMatchStatementProperty(
            field_to_match=waf.CfnWebACL.FieldToMatchProperty(**field),
            positional_constraint=how,
            search_string=text,
            text_transformations=[waf.CfnWebACL.TextTransformationProperty(priority=0, type="NONE")],
        )
    )


def _visible(name: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    # Sampled requests would show paths, one of which is a secret.
    return waf.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=False
    )
