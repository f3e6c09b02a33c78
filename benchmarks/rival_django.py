"""What Django does off the shelf for the work of a save: the rival in `script/benchmark saves`.

Its own sign-in, sessions, CSRF check, form, ORM and one transaction in which an answer is saved at the version that
was read, with its event and a line of a log (neither hashed nor chained). It knows no law: no level, no plan, no next
question.
"""

import logging
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from waitress import serve

FOLDER = Path(sys.argv[1]) if len(sys.argv) > 1 else Path()
PASSWORD = "soudure girafe lampadaire"
PAGES = {
    "base.html": """<!doctype html><html lang=en><title>{% block title %}{% endblock %}</title>
<main>{% block main %}{% endblock %}</main>""",
    "registration/login.html": """{% extends "base.html" %}{% block main %}
<form method=post>{% csrf_token %}{{ form.as_p }}<button>Sign in</button></form>{% endblock %}""",
    "answer.html": """{% extends "base.html" %}{% block title %}{{ case.name }}{% endblock %}{% block main %}
<h1>{{ case.name }}</h1><form method=post>{% csrf_token %}{{ form.as_p }}<button>Save</button></form>{% endblock %}""",
    "cases.html": """{% extends "base.html" %}{% block main %}<table>{% for case in page %}
<tr><td>{{ case.pk }}<td><a href="/cases/{{ case.pk }}">{{ case.name }}</a><td>{{ case.owner.username }}
<td>{{ case.state }}{% endfor %}</table>
{% for n in page.paginator.page_range %}<a href="?page={{ n }}">{{ n }}</a>{% endfor %}{% endblock %}""",
}
settings.configure(
    SECRET_KEY="x" * 50,
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": FOLDER / "django.sqlite",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "timeout": 10,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON",
            },
        }
    },
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "loaders": [("django.template.loaders.locmem.Loader", PAGES)],
                "context_processors": ["django.template.context_processors.request"],
            },
        }
    ],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    LOGIN_URL="/sign-in",
    LOGIN_REDIRECT_URL="/cases",
)
django.setup()

from django import forms  # noqa: E402 - models need what is set up above
from django.contrib.auth import views  # noqa: E402
from django.contrib.auth.decorators import login_required  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.paginator import Paginator  # noqa: E402
from django.db import connection, models, transaction  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.shortcuts import get_object_or_404, redirect, render  # noqa: E402
from django.urls import path  # noqa: E402


class Case(models.Model):  # noqa: DJ008 - nobody reads it
    """A use case."""

    name = models.CharField(max_length=200)
    state = models.CharField(max_length=20, default="draft")
    owner = models.ForeignKey(User, on_delete=models.PROTECT)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        app_label = "rival"


class Answer(models.Model):  # noqa: DJ008 - nobody reads it
    """What stands for a question."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    fact = models.CharField(max_length=80)
    value = models.CharField(max_length=80)
    comment = models.TextField(blank=True)
    person = models.ForeignKey(User, on_delete=models.PROTECT)
    at = models.DateTimeField(auto_now=True)
    version = models.IntegerField(default=1)

    class Meta:
        app_label = "rival"
        unique_together = (("case", "fact"),)


class Event(models.Model):  # noqa: DJ008 - nobody reads it
    """Every answer that was given."""

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE)
    value = models.CharField(max_length=80)
    comment = models.TextField(blank=True)
    person = models.ForeignKey(User, on_delete=models.PROTECT)
    at = models.DateTimeField(auto_now_add=True)
    version = models.IntegerField()

    class Meta:
        app_label = "rival"


class Line(models.Model):  # noqa: DJ008 - nobody reads it
    """A line of the log."""

    person = models.ForeignKey(User, on_delete=models.PROTECT)
    what = models.CharField(max_length=80)
    subject = models.CharField(max_length=80)
    detail = models.JSONField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "rival"


class AnswerForm(forms.ModelForm):
    """An answer as it is typed."""

    value = forms.ChoiceField(choices=[("true", "Yes"), ("false", "No"), ("unknown", "I don't know")])

    class Meta:
        model = Answer
        fields = ("value", "comment", "version")
        widgets = {"version": forms.HiddenInput}  # noqa: RUF012 - as Django asks


@login_required
def answer(request, case_id, fact):
    """Show a question with its answer, or save one."""
    case = get_object_or_404(Case.objects.select_related("owner"), pk=case_id)
    standing = Answer.objects.filter(case=case, fact=fact).first()
    if request.method != "POST":
        shown = AnswerForm(instance=standing) if standing else AnswerForm(initial={"version": 0})
        return render(request, "answer.html", {"case": case, "form": shown})
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return render(request, "answer.html", {"case": case, "form": form}, status=422)
    said = {"value": form.cleaned_data["value"], "comment": form.cleaned_data["comment"], "person": request.user}
    version = form.cleaned_data["version"]
    with transaction.atomic():
        if version == 0:
            standing = Answer.objects.create(case=case, fact=fact, **said)
        elif not Answer.objects.filter(case=case, fact=fact, version=version).update(version=version + 1, **said):
            return HttpResponse("somebody else answered", status=409)
        Event.objects.create(answer=standing, version=version + 1, **said)
        Line.objects.create(person=request.user, what="answer.recorded", subject=str(case.pk), detail={"fact": fact})
        case.save()
    return redirect("cases")


@login_required
def listing(request):
    """List use cases, a page at a time."""
    found = Case.objects.select_related("owner").order_by("pk")
    return render(request, "cases.html", {"page": Paginator(found, 50).get_page(request.GET.get("page"))})


urlpatterns = [
    path("health", lambda _request: HttpResponse("alive")),
    path("sign-in", views.LoginView.as_view()),
    path("cases", listing, name="cases"),
    path("cases/<int:case_id>/<slug:fact>", answer),
]


def main():
    """Make the store with accounts and use cases unless it is there, and serve.

    rival_django.py FOLDER PORT THREADS PEOPLE CASES
    """
    port, threads, people, cases = map(int, sys.argv[2:6])
    if not (FOLDER / "django.sqlite").exists():
        make(people, cases)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    serve(get_wsgi_application(), host="127.0.0.1", port=port, threads=threads)


def make(people, cases):
    """Make the tables, and fill them."""
    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        for model in (Case, Answer, Event, Line):
            editor.create_model(model)
    made = [User.objects.create_user(f"p{n}", password=PASSWORD) for n in range(people)]
    Case.objects.bulk_create(Case(name=f"Cas {n}", owner=made[n % people]) for n in range(cases))


if __name__ == "__main__":
    main()
