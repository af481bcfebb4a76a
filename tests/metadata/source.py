"""Rules that the integration's Python must keep with its manifest and its texts."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
import re
from typing import Any, Final

from homeassistant.const import Platform

from .texts import Texts, flows, placeholders

# Home Assistant shows the message of these to the user.
_SHOWN_EXCEPTIONS: Final = {
    "ConfigEntryAuthFailed",
    "ConfigEntryError",
    "ConfigEntryNotReady",
    "HomeAssistantError",
    "ServiceValidationError",
    "UpdateFailed",
}
# Home Assistant's own flow methods abort with these reasons.
_ABORTS: Final = {
    "_abort_if_unique_id_configured": "already_configured",
    "_abort_if_unique_id_mismatch": "unique_id_mismatch",
    "_async_abort_entries_match": "already_configured",
    "async_update_and_abort": "reconfigure_successful",
    "async_update_reload_and_abort": "reconfigure_successful",
}
_PLATFORMS: Final = {platform.value for platform in Platform}


@dataclass(frozen=True, kw_only=True)
class Use:
    """One place where code names a text."""

    line: int
    section: str
    """Where the text must be: a section of the translations, or a part of flows."""
    key: str
    """A regular expression; what an f-string fills in is `.+`."""
    placeholders: frozenset[str] | None = None
    """What the code fills in, or None if that is not written out."""


def text_problems(code: str, english: Texts) -> list[str]:
    """Return the texts that `code` names but English lacks or cannot fill in."""
    tree = ast.parse(code)
    problems = [
        f"line {line}: {name} is raised without a translation_key"
        for line, name in _untranslated(tree)
    ]
    for use in _uses(tree):
        known = _keys(english, use.section)
        matches = [key for key in known if re.fullmatch(use.key, key)]
        if not matches:
            problems.append(f"line {use.line}: no text {use.key} in {use.section}")
        if use.placeholders is None or use.section not in {"exceptions", "issues"}:
            continue
        for key in matches:
            needed = _needed(english[use.section][key])
            problems += [
                f"line {use.line}: {use.section}.{key} needs {{{name}}}"
                for name in sorted(needed - use.placeholders)
            ]
    return problems


def import_problems(
    code: str, path: PurePath, manifest: Mapping[str, Any]
) -> list[str]:
    """Return the integrations that `code` imports and the manifest does not declare.

    `path` is relative to the integration. Entity platforms need no declaration, nor
    does the integration that loads this very file, as diagnostics loads
    diagnostics.py.
    """
    declared = {
        *manifest.get("dependencies", []),
        *manifest.get("after_dependencies", []),
        *_PLATFORMS,
    }
    if len(path.parts) == 1:
        declared.add(path.stem)
    return [
        f"line {line}: {name} is not declared in the manifest"
        for line, name in _imports(ast.parse(code).body)
        if name not in declared
    ]


def functions(code: str) -> set[str]:
    """Return the names of all functions and methods in `code`."""
    return {
        node.name
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def _keys(texts: Texts, section: str) -> set[str]:
    match section:
        case "exceptions" | "issues" | "device" | "selector":
            return set(texts.get(section, {}))
        case "entity":
            return {key for keys in texts.get("entity", {}).values() for key in keys}
        case "abort" | "error" | "step":
            return {key for _, flow in flows(texts) for key in flow.get(section, {})}
    return _keys(texts, "entity") | _keys(texts, "device") | _keys(texts, "selector")


def _needed(block: Texts) -> set[str]:
    """Return the placeholders of a block's own texts, without those of its flow."""
    return {
        name
        for text in block.values()
        if isinstance(text, str)
        for name in placeholders(text)
    }


def _uses(tree: ast.AST) -> Iterator[Use]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _call_uses(node)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if section := _assigned_section(target):
                    for key in _patterns(node.value):
                        yield Use(line=node.lineno, section=section, key=key)


def _assigned_section(target: ast.expr) -> str | None:
    if isinstance(target, ast.Subscript) and _name(target.value) == "errors":
        return "error"
    return "entity" if _name(target) == "_attr_translation_key" else None


def _call_uses(call: ast.Call) -> Iterator[Use]:
    callee = _name(call.func)
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    if value := given.get("translation_key"):
        filled = _written_keys(given.get("translation_placeholders"))
        for key in _patterns(value):
            yield Use(
                line=call.lineno,
                section=_section_of(callee),
                key=key,
                placeholders=filled,
            )
    if callee == "async_abort" or callee in _ABORTS:
        reason = given.get("reason")
        if reason is None and callee in _ABORTS:
            yield Use(line=call.lineno, section="abort", key=_ABORTS[callee])
        elif reason is not None:
            for key in _patterns(reason):
                yield Use(line=call.lineno, section="abort", key=key)
    if value := given.get("step_id"):
        for key in _patterns(value):
            yield Use(line=call.lineno, section="step", key=key)
    if isinstance(errors := given.get("errors"), ast.Dict):
        for error in errors.values:
            for key in _patterns(error):
                yield Use(line=call.lineno, section="error", key=key)


def _section_of(callee: str) -> str:
    if callee.endswith(("Error", "Failed", "NotReady", "Exception")):
        return "exceptions"
    if callee.endswith("EntityDescription"):
        return "entity"
    return {
        "DeviceInfo": "device",
        "SelectSelectorConfig": "selector",
        "async_create_issue": "issues",
        "async_get_or_create": "device",
    }.get(callee, "entity, device or selector")


def _patterns(node: ast.expr) -> Iterator[str]:
    """Yield a regular expression for each text that an expression may give."""
    match node:
        case ast.Constant(value=str(text)):
            yield re.escape(text)
        case ast.IfExp(body=body, orelse=orelse):
            yield from _patterns(body)
            yield from _patterns(orelse)
        case ast.JoinedStr(values=values):
            yield "".join(
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+"
                for part in values
            )


def _written_keys(node: ast.expr | None) -> frozenset[str] | None:
    if node is None:
        return frozenset()
    if not isinstance(node, ast.Dict):
        return None
    keys = [key.value for key in node.keys if isinstance(key, ast.Constant)]
    return frozenset(map(str, keys)) if len(keys) == len(node.keys) else None


def _untranslated(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Raise) or node.exc is None:
            continue
        call = node.exc if isinstance(node.exc, ast.Call) else None
        name = _name(call.func if call else node.exc)
        # A None stands for `**arguments`, which may hold the key.
        given = {keyword.arg for keyword in call.keywords} if call else set()
        if name in _SHOWN_EXCEPTIONS and not given & {"translation_key", None}:
            yield node.lineno, name


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _imports(body: Iterable[ast.stmt]) -> Iterator[tuple[int, str]]:
    """Yield the integrations imported at run time."""
    for top in body:
        if isinstance(top, ast.If) and _name(top.test) == "TYPE_CHECKING":
            yield from _imports(top.orelse)
            continue
        for node in ast.walk(top):
            match node:
                case ast.ImportFrom(module="homeassistant.components", level=0):
                    modules = [f"{node.module}.{alias.name}" for alias in node.names]
                case ast.ImportFrom(module=str(module), level=0):
                    modules = [module]
                case ast.Import():
                    modules = [alias.name for alias in node.names]
                case _:
                    continue
            for module in modules:
                if module.startswith("homeassistant.components."):
                    yield node.lineno, module.split(".")[2]
