"""Open edX's own LTI platform on a port of this machine: run with the Python of .venv-peer, never imported.

Prints its address and serves until its input ends; a test posts the tool's addresses to /tool and gets its own.
Its models, token endpoint, line items, scores and roster are those of lti-consumer-xblock; what belongs to the rest
of Open edX (courses, people, modules) is replaced by the few values below.
"""

import json
import sys
import tempfile
import threading
from pathlib import Path
from socketserver import ThreadingMixIn
from types import SimpleNamespace
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import include, path

BLOCK = "block-v1:Org+Course+Run+type@lti_consumer+block@essay"
PEOPLE = {1: ("staff", "Sigrid Staff"), 2: ("student", "Samir Student"), 3: ("student", "Sofia Student")}


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        return None


def nobody_signed_in(answer):
    """Open edX's accounts are not here; who may do what is answered below."""
    from django.contrib.auth.models import AnonymousUser

    def answered(request):
        request.user = AnonymousUser()
        return answer(request)

    return answered


def configure(url, folder):
    settings.configure(
        SECRET_KEY="peer",
        ALLOWED_HOSTS=["127.0.0.1"],
        USE_TZ=True,
        ROOT_URLCONF=__name__,
        PLATFORM_NAME="peer",
        LMS_ROOT_URL=url,
        LMS_BASE=url.partition("://")[2],
        FEATURES={},
        USAGE_ID_PATTERN=r"(?P<usage_id>(?:i4x://?[^/]+/[^/]+/[^/]+/[^@]+(?:@[^/]+)?)|(?:[^/]+))",
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "peer.sqlite3")}},
        CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "waffle",
            "config_models",
            "rest_framework",
            "django_filters",
            "lti_consumer",
        ],
        MIDDLEWARE=["edx_django_utils.cache.middleware.RequestCacheMiddleware", f"{__name__}.nobody_signed_in"],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    )
    django.setup()


def replace_the_rest_of_open_edx():
    from lti_consumer.plugin import compat

    module = SimpleNamespace(weight=10, display_name="Essay", has_score=False)
    compat.load_enough_xblock = lambda location: module
    compat.load_block_as_user = lambda location: module
    compat.get_event_tracker = lambda: None
    compat.user_has_studio_write_access = lambda *_: True
    compat.merge_course_forum_roles = lambda _, members: members
    compat.get_course_members = lambda _: {
        number: {"id": number, "name": name, "email": f"p{number}@peer.example", "roles": [role]}
        for number, (role, name) in PEOPLE.items()
    }
    compat.batch_get_or_create_externalids = lambda _: {
        number: SimpleNamespace(external_user_id=external_id(number)) for number in PEOPLE
    }


def external_id(number):
    return f"person-{number}"


def tool(request):
    """Register this tool instead of the one before."""
    configuration = make_configuration(json.loads(request.body))
    base = f"{settings.LMS_ROOT_URL}/api/lti_consumer/v1"
    own = {
        "url": settings.LMS_ROOT_URL,
        "client_id": configuration.lti_1p3_client_id,
        "authorization_endpoint": f"{base}/launch/",
        "token_endpoint": f"{base}/token/{configuration.passport_id}",
        "keyset_url": f"{base}/public_keysets/{configuration.passport_id}",
    }
    return HttpResponse(json.dumps(own), content_type="application/json")


def make_configuration(tool):
    from lti_consumer.models import Lti1p3Passport, LtiConfiguration
    from opaque_keys.edx.keys import UsageKey

    LtiConfiguration.objects.all().delete()
    Lti1p3Passport.objects.all().delete()
    passport = Lti1p3Passport.objects.create(name="Lectern", lti_1p3_tool_keyset_url=tool["keyset_url"])
    return LtiConfiguration.objects.create(
        version=LtiConfiguration.LTI_1P3,
        config_store=LtiConfiguration.CONFIG_ON_DB,
        location=UsageKey.from_string(BLOCK),
        lti_1p3_passport=passport,
        lti_1p3_oidc_url=tool["login_url"],
        lti_1p3_launch_url=tool["launch_url"],
        lti_1p3_redirect_uris=[tool["launch_url"]],
        lti_advantage_enable_nrps=True,
        lti_advantage_deep_linking_enabled=True,
        lti_advantage_deep_linking_launch_url=tool["launch_url"],
        lti_advantage_ags_mode=LtiConfiguration.LTI_ADVANTAGE_AGS_DECLARATIVE,
    )


def start(request, number):
    """The first leg of a launch by that person; ?deep_linking=1 opens the picker."""
    from lti_consumer.api import get_lti_1p3_launch_start_url
    from lti_consumer.data import Lti1p3LaunchData
    from lti_consumer.models import LtiConfiguration

    role, name = PEOPLE[number]
    launch = Lti1p3LaunchData(
        user_id=str(number),
        user_role=role,
        external_user_id=external_id(number),
        config_id=str(LtiConfiguration.objects.get().config_id),
        resource_link_id=BLOCK,
        name=name,
        context_id="course-v1:Org+Course+Run",
        context_type=["course_offering"],
        context_title="A course of Open edX",
        context_label="OX1",
    )
    is_picker = request.GET.get("deep_linking") == "1"
    return HttpResponseRedirect(get_lti_1p3_launch_start_url(launch, deep_link_launch=is_picker))


def items(_):
    """What deep linking has stored."""
    from lti_consumer.models import LtiDlContentItem

    stored = [{"type": item.content_type, **item.attributes} for item in LtiDlContentItem.objects.all()]
    return HttpResponse(json.dumps(stored), content_type="application/json")


urlpatterns = [path("tool", tool), path("start/<int:number>", start), path("items", items)]


def main():
    server = make_server("127.0.0.1", 0, None, Server, Quiet)
    url = f"http://127.0.0.1:{server.server_port}"
    with tempfile.TemporaryDirectory() as folder:
        configure(url, Path(folder))
        urlpatterns.append(path("api/", include("lti_consumer.plugin.urls")))
        replace_the_rest_of_open_edx()
        call_command("migrate", verbosity=0)
        server.set_app(get_wsgi_application())
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(url, flush=True)
        sys.stdin.read()
        server.shutdown()


if __name__ == "__main__":
    main()
