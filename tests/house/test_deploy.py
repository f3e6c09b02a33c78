"""The examples of running it agree with the code and with each other, and hold no secret."""

import re
from pathlib import Path

import pytest
import yaml

from compliance import __version__
from compliance.config import load
from compliance.web.access import ACCESS, Open
from compliance.web.app import create_app

FILES = sorted(path for path in Path("deploy").rglob("*") if path.is_file())
YAML = [path for path in FILES if path.suffix == ".yaml"]
DEFAULTS = load({"PYRAMIDE_SECRET_KEY": "x" * 64})


@pytest.mark.parametrize("path", YAML, ids=str)
def test_yaml_is_read(path):
    assert list(yaml.safe_load_all(path.read_text()))


def test_every_setting_that_they_name_is_documented():
    documented = set(re.findall(r"`(PYRAMIDE_[A-Z_]+)`", Path("docs/settings.md").read_text()))
    for path in FILES:
        assert set(re.findall(r"PYRAMIDE_[A-Z_]+", path.read_text())) <= documented, path


def _compose():
    return yaml.safe_load(Path("deploy/compose.yaml").read_text())


def _container():
    pod = yaml.safe_load(Path("deploy/kubernetes/deployment.yaml").read_text())["spec"]["template"]["spec"]
    return pod, pod["containers"][0]


def test_their_settings_start_the_site():
    unit = dict(
        re.findall(r"^Environment=(PYRAMIDE_\w+)=(.*)$", Path("deploy/pyramide.service").read_text(), re.MULTILINE)
    )
    image = dict(re.findall(r"(PYRAMIDE_\w+)=(\S+)", Path("deploy/Containerfile").read_text()))
    pod = {found["name"]: found["value"] for found in _container()[1]["env"]}
    compose = {
        name: re.sub(r"\$\{BASE_URL[^}]*\}", "https://pyramide.example", re.sub(r"\$\{(?!BASE)[^}]*\}", "", value))
        for service in ("site", "worker")
        for name, value in _compose()["services"][service]["environment"].items()
    }
    for settings in (unit, image | pod, image | compose):
        found = load({**settings, "PYRAMIDE_SECRET_KEY": "x" * 64})
        assert found.port == DEFAULTS.port
        assert found.log == "json" or settings is unit
        assert found.secure
        assert found.proxies == 1, "each stands behind one proxy that ends TLS"


def test_ports_and_probes_are_those_of_the_code(place):
    app = create_app(place)
    paths = {rule.rule for rule in app.url_map.iter_rules() if ACCESS[rule.endpoint] is Open.PUBLIC}
    port = DEFAULTS.port
    containerfile = Path("deploy/Containerfile").read_text()
    assert f"EXPOSE {port}\n" in containerfile
    assert f"http://127.0.0.1:{port}/health" in containerfile
    pod, site = _container()
    assert site["ports"] == [{"name": "http", "containerPort": port}]
    for probe, path in (("startupProbe", "/health"), ("livenessProbe", "/health"), ("readinessProbe", "/ready")):
        asked = site[probe]["httpGet"]
        assert asked["path"] == path
        assert asked["port"] == "http"
        client = app.test_client()
        answer = client.get(path, headers={found["name"]: found["value"] for found in asked["httpHeaders"]})
        assert answer.status_code == 200, "the name that the probe gives is one that the site answers to"
    proxied = re.findall(r"proxy_pass http://127\.0\.0\.1:(\d+);", Path("deploy/nginx.conf").read_text())
    assert set(proxied) == {str(port)}
    for path in re.findall(r"location = (\S+)", Path("deploy/nginx.conf").read_text()):
        assert path in paths
    service = yaml.safe_load(Path("deploy/kubernetes/service.yaml").read_text())
    assert service["spec"]["ports"][0]["targetPort"] == "http"
    claim = yaml.safe_load(Path("deploy/kubernetes/volume-claim.yaml").read_text())["metadata"]["name"]
    assert {"name": "instance", "persistentVolumeClaim": {"claimName": claim}} in pod["volumes"]
    assert _compose()["services"]["site"]["ports"] == [f"127.0.0.1:{port}:{port}"], "not open beside its proxy"


def test_nobody_kills_it_before_it_has_stopped():
    """After the requests under way: five seconds for their threads, ten for the worker, five for either thread."""
    longest = DEFAULTS.stop_seconds + 25
    pod, _ = _container()
    unit = Path("deploy/pyramide.service").read_text()
    assert pod["terminationGracePeriodSeconds"] >= longest
    assert int(re.search(r"TimeoutStopSec=(\d+)", unit)[1]) >= longest
    assert int(_compose()["services"]["site"]["stop_grace_period"].removesuffix("s")) >= longest
    for path in FILES:
        for seconds in re.findall(r"PYRAMIDE_STOP_SECONDS[=:, value\"]+(\d+)", path.read_text()):
            assert int(seconds) == DEFAULTS.stop_seconds, path


def test_images_are_named_by_version():
    for path in FILES:
        text = path.read_text()
        assert ":latest" not in text, path
        for image in re.findall(r"\n(?:\s*image:|FROM) (\S+)", text):
            assert re.search(r":\d+\.\d+", image), (path, image)
            assert "pyramide" not in image or image.endswith(f":{__version__}"), (path, image)


def test_they_run_with_as_little_as_can_be():
    pod, site = _container()
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    inside = site["securityContext"]
    assert inside["readOnlyRootFilesystem"] is True
    assert inside["allowPrivilegeEscalation"] is False
    assert inside["capabilities"] == {"drop": ["ALL"]}
    for service in ("site", "worker"):
        found = _compose()["services"][service]
        assert found["read_only"] is True
        assert found["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in found["security_opt"]
    user = re.search(r"^USER (\d+):(\d+)$", Path("deploy/Containerfile").read_text(), re.MULTILINE)
    assert int(user[1]) == pod["securityContext"]["runAsUser"] > 0
    assert "--require-hashes" in Path("deploy/Containerfile").read_text()
    unit = Path("deploy/pyramide.service").read_text()
    for line in ("User=pyramide", "NoNewPrivileges=yes", "ProtectSystem=strict", "PrivateTmp=yes", "KillMode=mixed"):
        assert f"\n{line}\n" in unit


def test_headers_of_security_are_left_to_the_site():
    text = Path("deploy/nginx.conf").read_text()
    assert "add_header" not in text
    assert "X-Forwarded-For $remote_addr;" in text, "what the visitor claims is replaced"
    assert "$proxy_add_x_forwarded_for" not in text


def test_no_secret_is_in_them():
    for path in FILES:
        text = path.read_text()
        assert "PRIVATE KEY" not in text, path
        for name, value in re.findall(r"(\w*(?:PASSWORD|TOKEN|SECRET|KEY)\w*)[=:] *[\"']?([^\s\"'#,}]*)", text):
            assert not value or value.startswith(("$", "…", "?", "-")), (path, name)
        for password in re.findall(r"://\w+:([^@\s]+)@", text):
            assert password.startswith("${"), path
