"""Rules for the translations and icons.json."""

from collections.abc import Iterator, Mapping
import re
from string import Formatter
from typing import Any, Final

type Texts = Mapping[str, Any]

_SECTIONS: Final = {
    "common",
    "conditions",
    "config",
    "config_subentries",
    "device",
    "device_automation",
    "entity",
    "entity_component",
    "exceptions",
    "issues",
    "options",
    "preview_features",
    "selector",
    "services",
    "system_health",
    "title",
    "triggers",
}
_KEY: Final = re.compile(r"[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?")
_ICON: Final = re.compile(r"mdi:[a-z0-9]+(?:-[a-z0-9]+)*")


def leaves(texts: Texts, path: str = "") -> Iterator[tuple[str, object]]:
    """Yield each text with its dotted path."""
    for key, value in texts.items():
        here = f"{path}.{key}" if path else key
        if isinstance(value, Mapping):
            yield from leaves(value, here)
        else:
            yield here, value


def placeholders(text: str) -> set[str]:
    """Return the names in braces.

    Raises:
        ValueError: The braces do not match.
    """
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def flows(texts: Texts) -> Iterator[tuple[str, Texts]]:
    """Yield each block that describes a flow, with its dotted path."""
    for name in ("config", "options"):
        if name in texts:
            yield name, texts[name]
    for name, flow in texts.get("config_subentries", {}).items():
        yield f"config_subentries.{name}", flow
    for name, issue in texts.get("issues", {}).items():
        if "fix_flow" in issue:
            yield f"issues.{name}.fix_flow", issue["fix_flow"]


def translation_problems(texts: Texts) -> list[str]:
    """Return what is wrong with the texts of one language."""
    problems = [f"{key} is not a section" for key in texts if key not in _SECTIONS]
    problems += [f"{path} is not a valid key" for path in _bad_keys(texts)]
    for path, text in leaves(texts):
        problems += [f"{path} {wrong}" for wrong in _text_problems(text)]
    for path, flow in flows(texts):
        for step, block in flow.get("step", {}).items():
            problems += _form_problems(f"{path}.step.{step}", block)
    for name, issue in texts.get("issues", {}).items():
        if "title" not in issue:
            problems.append(f"issues.{name} has no title")
        if ("description" in issue) == ("fix_flow" in issue):
            problems.append(
                f"issues.{name} needs one of description and fix_flow, and only one"
            )
    problems += [
        f"exceptions.{name} has no message"
        for name, exception in texts.get("exceptions", {}).items()
        if "message" not in exception
    ]
    return problems


def parity_problems(english: Texts, other: Texts) -> list[str]:
    """Return where another language differs from English in keys or placeholders."""
    wanted, found = dict(leaves(english)), dict(leaves(other))
    problems = [f"{path} is missing" for path in wanted if path not in found]
    problems += [f"{path} is not in English" for path in found if path not in wanted]
    for path in wanted.keys() & found.keys():
        try:
            same = placeholders(str(wanted[path])) == placeholders(str(found[path]))
        except ValueError:
            # Reported by translation_problems.
            continue
        if not same:
            problems.append(f"{path} has other placeholders than in English")
    return sorted(problems)


def icon_problems(icons: Texts, english: Texts) -> list[str]:
    """Return what is wrong with icons.json, and its keys that English lacks."""
    problems = [
        f"{key} is not a section"
        for key in icons
        if key not in {"conditions", "entity", "services", "triggers"}
    ]
    for path, icon in leaves(icons):
        if not (isinstance(icon, str) and _ICON.fullmatch(icon)):
            problems.append(f"{path} is not an mdi icon")
    for platform, entities in icons.get("entity", {}).items():
        known = english.get("entity", {}).get(platform, {})
        for name, icon in entities.items():
            path = f"entity.{platform}.{name}"
            if name not in known:
                problems.append(f"{path} is not in English")
            problems += _entity_icon_problems(path, icon, known.get(name, {}))
    for section in ("conditions", "services", "triggers"):
        problems += [
            f"{section}.{name} is not in English"
            for name in icons.get(section, {})
            if name not in english.get(section, {})
        ]
    return problems


def _entity_icon_problems(path: str, icon: Texts, texts: Texts) -> Iterator[str]:
    for key in icon.keys() - {"default", "range", "state", "state_attributes"}:
        yield f"{path}.{key} is not allowed"
    if "default" not in icon:
        yield f"{path} has no default"
    for state, value in icon.get("state", {}).items():
        if value == icon.get("default"):
            yield f"{path}.state.{state} repeats the default"
        if "state" in texts and state not in texts["state"]:
            yield f"{path}.state.{state} is not in English"


def _bad_keys(texts: Texts, path: str = "") -> Iterator[str]:
    for key, value in texts.items():
        here = f"{path}.{key}" if path else key
        if not _KEY.fullmatch(key):
            yield here
        if isinstance(value, Mapping):
            yield from _bad_keys(value, here)


def _text_problems(text: object) -> Iterator[str]:
    if not isinstance(text, str):
        yield "is not a text"
        return
    if not text:
        yield "is empty"
    if text != text.strip():
        yield "begins or ends with a blank"
    if "[%key:" in text:
        yield "refers to another text"
    if re.search(r"</?[A-Za-z][^>]*>", text):
        yield "contains HTML"
    if re.search(r"'\{\w+\}'", text):
        yield "has a placeholder in single quotes"
    try:
        placeholders(text)
    except ValueError:
        yield "has braces that do not match"


def _form_problems(path: str, form: Texts) -> Iterator[str]:
    data, described = form.get("data", {}), form.get("data_description", {})
    for key in described.keys() - data.keys():
        yield f"{path}.data_description.{key} is not in data"
    for key in data.keys() - described.keys():
        yield f"{path}.data.{key} has no data_description"
    for name, section in form.get("sections", {}).items():
        yield from _form_problems(f"{path}.sections.{name}", section)
