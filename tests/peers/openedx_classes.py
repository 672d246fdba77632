"""Open edX's LTI classes without a site: run with the Python of .venv-peer, never imported.

Reads one JSON object a line and answers with one: {"call": name, ...arguments} -> {"answer": ...} or {"error": ...}.
The first call is `make`, with the tool's addresses and its public key.
"""

import json
import sys
from urllib.parse import parse_qsl, urlsplit

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="peer",
    USE_TZ=True,
    FEATURES={},
    PLATFORM_NAME="peer",
    LMS_ROOT_URL="https://peer.test",
    LMS_BASE="peer.test",
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
    CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
)
django.setup()

from Cryptodome.PublicKey import RSA  # noqa: E402 - Django must be set up before the classes are imported
from lti_consumer.data import Lti1p3LaunchData  # noqa: E402
from lti_consumer.lti_1p3.consumer import LtiAdvantageConsumer  # noqa: E402

KEY = RSA.generate(2048).export_key("PEM").decode()


class Platform:
    """One consumer a launch: its claims are kept from call to call."""

    def make(self, *, login_url, launch_url, client_id, tool_key=""):
        self.consumer = LtiAdvantageConsumer(
            iss="https://peer.test",
            lti_oidc_url=login_url,
            lti_launch_url=launch_url,
            client_id=client_id,
            deployment_id="1",
            rsa_key=KEY,
            rsa_key_id="peer-key",
            redirect_uris=[launch_url],
            tool_key=tool_key,
        )

    def keys(self):
        return self.consumer.get_public_keyset()

    def login(self, *, user_id, role, message="LtiResourceLinkRequest", names=None, context=True, custom=None):
        """The parameters of the login request; the claims of the launch that follows."""
        consumer = self.consumer
        consumer.set_user_data(user_id, role, **(names or {}))
        consumer.set_resource_link_claim("link-1")
        if context:
            consumer.set_context_claim("course-1", context_title="A course")
        if custom:
            consumer.set_custom_parameters(custom)
        if message == "LtiDeepLinkingRequest":
            consumer.enable_deep_linking(consumer.launch_url, "https://peer.test/return")
        launch = Lti1p3LaunchData(
            user_id=user_id, user_role=role, config_id="c1", resource_link_id="link-1", message_type=message
        )
        return dict(parse_qsl(urlsplit(consumer.prepare_preflight_url(launch)).query))

    def launch(self, *, request):
        return self.consumer.generate_launch_request(request)

    def token(self, *, form):
        return self.consumer.access_token(form)

    def read_items(self, *, jwt):
        return self.consumer.check_and_decode_deep_linking_token(jwt)


def main():
    platform = Platform()
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = {"answer": getattr(platform, asked.pop("call"))(**asked)}
        except Exception as error:  # whatever the classes refuse with is the answer
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
