"""The signature of what we send: the one that the receivers' libraries compute."""

from aisdr.signature import sign, signed_headers

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')


def test_the_signature_is_the_published_one() -> None:
    """The vector that the specification's own libraries test with."""
    assert sign(SECRET, *MESSAGE) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_every_secret_signs_so_that_one_can_be_changed_without_a_gap() -> None:
    newer = "whsec_" + "A" * 32

    headers = signed_headers((newer, SECRET), *MESSAGE)

    assert headers == {
        "webhook-id": MESSAGE[0],
        "webhook-timestamp": "1614265330",
        "webhook-signature": f"{sign(newer, *MESSAGE)} {sign(SECRET, *MESSAGE)}",
    }
