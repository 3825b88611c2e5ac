"""A website of somebody else with the widget on it, at an address of the stack so that its origin is allowed."""

from playwright.sync_api import Page

from tests.product import Stack

ADDRESS = "/a-website"


def visit(page: Page, stack: Stack, attributes: str = "", *, style: str = "", html: str = 'lang="en"') -> None:
    """`attributes` are those of the script tag. The panel stays closed unless they say otherwise."""
    # A page that did not come over the network counts as one of the internet, which may not reach local sockets.
    page.context.grant_permissions(["local-network-access"], origin=stack.url)
    page.route(
        f"**{ADDRESS}",
        lambda route: route.fulfill(
            content_type="text/html",
            body=f"""<!doctype html><html {html}><head><title>A website</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>{style}</style></head>
<body><main><h1>A website</h1><p><a href="#more">More</a></p></main>
<script async src="{stack.url}/embed.js" data-company="hypersonix" {attributes}></script></body></html>""",
        ),
    )
    page.goto(f"{stack.url}{ADDRESS}")
