"""Addresses that lead inside or are none, and origins that are nearly the right one: the rows of S-18."""

INSIDE = (
    *(
        "127.0.0.1",
        "127.0.0.1.",
        "127.1",
        "127.0.1",
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "017700000001",
        "0177.0.0.1",
    ),
    *("127.0.0.0x1", "127.255.255.254", "0.0.0.0", "0", "10.0.0.1", "0x0a000001", "172.16.0.1", "192.168.1.1"),  # noqa: S104
    *("169.254.169.254", "2852039166", "0xa9fea9fe", "169.254.170.2", "100.64.0.1", "100.100.100.200", "192.0.0.1"),
    *("192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
    *("[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:169.254.169.254]"),
    *("[::ffff:0:127.0.0.1]", "[::127.0.0.1]", "[::7f00:1]", "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]"),
    *("[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::]", "[2001:0:7f00:1::]", "[fe80::1]", "[fec0::1]"),
    *("[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[2001:db8::1]", "[100::1]", "[fe80::1%25eth0]"),
    *(
        "１２７.0.0.1",
        "127。0。0。1",
        "①②⑦.0.0.1",
        "127．0．0．1",
        "localhost.",
        "LOCALHOST",
        "ｌｏｃａｌｈｏｓｔ",
        "x.localhost",
    ),
    *("db.corp", "loopback.test", "mixed.test", "metadata.google.internal", "xn--le-6kc8da.corp"),
)
"""Hosts that lead to this machine, into a private network, or to where clouds keep their keys."""

PLAIN = ("127.0.0.1", "[::1]", "LOCALHOST")
"""An operator who says so means this machine, but for the doors that Lambda itself has there."""

NAMES = {
    "db.corp": "10.1.2.3",
    "mixed.test": ["93.184.216.34", "169.254.169.254"],
    "metadata.google.internal": "169.254.169.254",
    "xn--le-6kc8da.corp": "192.168.0.9",
}

MALFORMED = (
    *(
        "",
        " ",
        "//site.test/",
        "site.test",
        "/etc/passwd",
        "http:",
        "http://",
        "http:///path",
        "http:site.test",
        "https:/site.test",
    ),
    *("file:///etc/passwd", "ftp://site.test/", "gopher://site.test/_x", "data:text/html,x", "javascript:alert(1)"),
    *(
        "dict://site.test:11211/",
        "ldap://site.test/",
        "jar:http://site.test!/",
        "ws://site.test/",
        "s3://bucket/key",
        "unix:/run/x",
    ),
    *(
        "http://user:secret@site.test/",
        "http://site.test@10.0.0.1/",
        "http://10.0.0.1#@site.test/@x",
        "http://a:b@site.test/",
    ),
    *(
        "http://site.test\\@10.0.0.1/",
        "http:\\\\10.0.0.1\\",
        "http://site.test/\r\nHost: inside",
        "http://site.test/a b",
    ),
    *(
        "http://site.test\t/",
        "http://site.test\0.evil.test/",
        "ht\ntp://site.test/",
        "http://site.test:99999/",
        "http://site.test:port/",
    ),
    *(
        "http://site.test:22/",
        "http://site.test:25/",
        "http://site.test:6379/",
        "http://site.test:9001/",
        "http://site.test:2773/",
    ),
    *(
        "http://site.test:0/",
        "http://site.test:-1/",
        "http://site.test:٣/",
        "http://[::1/",
        "http://[v1.fe80::a]/",
        "http://]/",
    ),
    *(
        "http://si%74e.test/",
        "http://127.0.0.1%2f.site.test/",
        "http://site..test/",
        "http://-site.test/",
        "http://.test/",
    ),
    *(
        "http://" + "a" * 64 + ".test/" * 80,
        "http://site.test/" + "a" * 3000,
        "http://\udcff.test/",
        "http://a_b c.test/",
    ),
)
"""What is no address of the web that may be fetched: the scheme, who asks, the port, or its form."""

LED_TO = (
    *(
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:a9fe:a9fe]/",
        "http://2852039166/",
        "http://db.corp/",
    ),
    *("file:///etc/passwd", "gopher://127.0.0.1:9001/", "http://localhost:2773/secretsmanager/get", "//db.corp/"),
    *("http://127.0.0.1:9001/2018-06-01/runtime/invocation/next", "http://user@site.test/", "http://mixed.test/"),
    *(
        "http://0x7f.1/",
        "//[::1]/",
        "http://site.test:22/",
        "javascript:alert(1)",
        "\\\\db.corp\\x",
        "http://loopback.test/",
    ),
)
"""Where a website that may be asked sends us on to."""

PUBLIC = ("93.184.216.34", "8.8.8.8", "2606:4700::1111", "2a00:1450:4001::1", "64:ff9b::808:808", "::ffff:8.8.8.8")

OURS = "https://acme.example"
ORIGINS = (
    *(
        "",
        " ",
        "null",
        "*",
        "https://",
        "acme.example",
        "//acme.example",
        "https://acme.example/",
        "https://acme.example//",
    ),
    *(
        "http://acme.example",
        "HTTPS://acme.example",
        "https://ACME.example",
        "https://Acme.Example",
        "https://acme.example:443",
    ),
    *(
        "https://acme.example:80",
        "https://acme.example:8443",
        "https://acme.example.",
        "https://.acme.example",
        "https://acme.example ",
    ),
    *(
        " https://acme.example",
        "https://acme.example\t",
        "https://acme.example\0",
        "https://acme.example%00",
        "https://acme.example%20",
    ),
    *(
        "https://sub.acme.example",
        "https://www.acme.example",
        "https://acme.example.evil.example",
        "https://evilacme.example",
    ),
    *(
        "https://acme-example",
        "https://acmeXexample",
        "https://evil.example/https://acme.example",
        "https://evil.example#acme.example",
    ),
    *("https://acme.example@evil.example", "https://evil.example@acme.example", "https://acme.example:@evil.example"),
    *(
        "https://acme.example,https://evil.example",
        "https://acme.example https://evil.example",
        "https://acme.example/path",
    ),
    *(
        "https://acme.example?x",
        "https://acme.example#x",
        "https://аcme.example",
        "https://acme.examp1e",
        "https://acme.еxample",
    ),
    *("https://xn--cme-8cd.example", "https://acme\u200b.example", "https://acme。example", "https://ａｃｍｅ.example"),
    *(
        "file://",
        "file://acme.example",
        "data:text/html,x",
        "blob:https://acme.example/1",
        "chrome-extension://acme.example",
    ),
    *(
        "https://localhost",
        "http://localhost:3001",
        "https://127.0.0.1",
        "https://[::1]",
        "https:\\\\acme.example",
        "https:/acme.example",
    ),
    *("https://globex.example", "https://evil.example", "https://acme.example" * 50, "[]", "undefined", "true"),
)
"""Origins that are not the company's, however near."""

WILD = (
    *(
        "*",
        "https://*",
        "https://*.acme.example",
        "null",
        "https://acme.example/",
        "https://ACME.example",
        "acme.example",
    ),
    *(
        "https://acme.example:*",
        "https://user@acme.example",
        "ftp://acme.example",
        "https://",
        "https://acme.example?x",
        "",
    ),
)
"""Origins that no operator can write down."""
