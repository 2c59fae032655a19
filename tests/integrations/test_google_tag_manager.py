"""The Tag Manager template has every section, asks for what it uses and for nothing else."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.conftest import missing_service

TEMPLATE = Path(__file__).parents[2] / "integrations" / "google-tag-manager" / "template.tpl"
SECTIONS = [
    "INFO",
    "TEMPLATE_PARAMETERS",
    "SANDBOXED_JS_FOR_WEB_TEMPLATE",
    "WEB_PERMISSIONS",
    "TESTS",
    "NOTES",
]
NEEDS = {
    "addConsentListener": "access_consent",
    "isConsentGranted": "access_consent",
    "createQueue": "access_globals",
    "injectScript": "inject_script",
    "encodeUriComponent": None,
}
"""APIs of Tag Manager's sandbox and the permission that each asks for."""


def sections() -> dict[str, str]:
    parts = re.split(r"^___([A-Z_]+)___$", TEMPLATE.read_text(), flags=re.MULTILINE)
    assert parts[0].strip() == ""
    return {name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def permissions() -> dict[str, Any]:
    return {one["instance"]["key"]["publicId"]: one for one in json.loads(sections()["WEB_PERMISSIONS"])}


def test_it_has_every_section_in_order() -> None:
    assert list(sections()) == SECTIONS


def test_its_parts_are_json() -> None:
    info = json.loads(sections()["INFO"])
    assert (info["type"], info["version"], info["containerContexts"]) == ("TAG", 1, ["WEB"])
    names = [one["name"] for one in json.loads(sections()["TEMPLATE_PARAMETERS"])]
    assert names == ["endpoint", "writeKey", "market", "locale", "consent"]


def test_every_field_is_used_and_every_used_field_is_asked_for() -> None:
    code = sections()["SANDBOXED_JS_FOR_WEB_TEMPLATE"]
    asked = {one["name"] for one in json.loads(sections()["TEMPLATE_PARAMETERS"])}
    used = set(re.findall(r"\bdata\.(\w+)", code)) - {"gtmOnSuccess", "gtmOnFailure"}
    assert used == asked


def test_permissions_are_those_of_the_apis_that_it_uses() -> None:
    code = sections()["SANDBOXED_JS_FOR_WEB_TEMPLATE"]
    apis = set(re.findall(r"require\('(\w+)'\)", code))
    assert apis <= NEEDS.keys()
    assert all(len(re.findall(rf"\b{api}\(", code)) >= 1 for api in apis)
    assert set(permissions()) == {NEEDS[api] for api in apis} - {None}


def test_it_may_read_consent_and_write_none_and_touch_one_global() -> None:
    granted = permissions()
    consent = granted["access_consent"]["instance"]["param"][0]["value"]["listItem"]
    assert [[value.get("string", value.get("boolean")) for value in one["mapValue"]] for one in consent] == [
        ["analytics_storage", True, False],
        ["personalization_storage", True, False],
    ]
    (queue,) = granted["access_globals"]["instance"]["param"][0]["value"]["listItem"]
    assert [value.get("string", value.get("boolean")) for value in queue["mapValue"]] == [
        "expedit",
        True,
        True,
        False,
    ]


def test_scripts_come_over_https_only() -> None:
    urls = permissions()["inject_script"]["instance"]["param"][0]["value"]["listItem"]
    assert urls
    assert all(one["string"].startswith("https://") for one in urls)


RUN = """
const asked = [], said = [], listening = [];
let granted = GRANTED;
const apis = {
  createQueue: name => call => said.push([name, call]),
  encodeUriComponent: encodeURIComponent,
  injectScript: (url, ok, fail, token) => { asked.push([url, token]); ok(); },
  isConsentGranted: type => granted.includes(type),
  addConsentListener: (type, call) => listening.push(call),
};
let done = 0;
const failed = () => { throw new Error("failed"); };
const data = {...DATA, gtmOnSuccess: () => { done += 1; }, gtmOnFailure: failed};
new Function("require", "data", CODE)(name => apis[name], data);
granted = LATER;
listening.forEach(call => call());
console.log(JSON.stringify({asked, said, done}));
"""


def run(data: dict[str, str], granted: list[str], later: list[str]) -> dict[str, Any]:
    """Run the template's code with functions in the place of its APIs that note their calls."""
    node = shutil.which("node") or shutil.which("node", path=Path(sys.executable).parent)
    if node is None:
        missing_service("no node to run the template's code")
    script = (
        RUN.replace("GRANTED", json.dumps(granted))
        .replace("LATER", json.dumps(later))
        .replace("DATA", json.dumps(data))
        .replace("CODE", json.dumps(sections()["SANDBOXED_JS_FOR_WEB_TEMPLATE"]))
    )
    done = subprocess.run([node, "-e", script], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


FIELDS = {"endpoint": "https://e.shop.se/", "writeKey": "wk_1", "consent": "mode"}
SNIPPET = ["https://e.shop.se/expedit.js?writeKey=wk_1", "expedit"]


def test_it_loads_the_snippet_with_its_settings() -> None:
    found = run({**FIELDS, "market": "SE", "locale": "sv", "consent": "page"}, [], [])
    assert found == {"asked": [[SNIPPET[0] + "&market=SE&locale=sv", "expedit"]], "said": [], "done": 1}


def test_it_hands_consent_on_at_once_and_at_every_change() -> None:
    yes = ["expedit", ["consent", {"analytics": True, "personalization": False}]]
    no = ["expedit", ["consent", {"analytics": False, "personalization": False}]]
    assert run(FIELDS, ["analytics_storage"], [])["said"] == [yes, no, no]
    assert run(FIELDS, [], ["analytics_storage"])["said"] == [yes, yes]


def test_consent_platforms_are_read_by_their_own_script() -> None:
    found = run({**FIELDS, "consent": "platform"}, ["analytics_storage"], [])
    assert found["asked"] == [["https://e.shop.se/expedit-consent.js", "expedit-consent"], SNIPPET]
    assert found["said"] == []
