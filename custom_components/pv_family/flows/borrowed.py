"""Borrow entities of other integrations: propose their roles, let the user decide."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

import probatio

from homeassistant.components.energy.data import async_get_manager
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_ENTITIES, CONF_NAME
from homeassistant.data_entry_flow import section
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
from homeassistant.util import dt as dt_util

from ..const import (
    CONF_CHANNELS,
    CONF_COVERS,
    CONF_ROLE,
    SUBENTRY_BORROWED,
    SUBENTRY_INVERTER,
)
from ..coordinator.borrowed import energy_report
from ..coordinator.data import PvFamilyConfigEntry, PvFamilyData
from ..coordinator.sun import sun_elevation
from ..devices.borrowed.balance import Assigned, assess
from ..devices.borrowed.channel import ENTITIES, MAX_CHANNELS, NO_ROLE
from ..devices.borrowed.dashboard import offers
from ..devices.borrowed.evidence import Candidate, Proposal, propose
from ..devices.borrowed.samples import Table, align, combined
from ..devices.borrowed.words import Line, differences, evidence_table
from ..devices.device import Part, PartKind
from ..readings.power_flow import Role
from .borrowed_entities import (
    async_words,
    borrowed_ids,
    entity_beside,
    entity_selector,
    has_number,
    is_own,
    lasting_id,
    suggested_name,
)
from .borrowed_evidence import (
    Drafts,
    Evidence,
    as_assigned,
    async_means,
    hint_of,
    known_powers,
    night_mean,
    shown_now,
    terms_of,
)
from .schemas import choice

_REVERSED: Final = "reversed"
_ROLES: Final = (*Role, NO_ROLE)

# How much better a proposal fits before the user's own choice is questioned.
_CLEARLY_BETTER: Final = 0.05
# Places that every source of the role shares.
_SHARED: Final = (Role.GRID, Role.CONSUMPTION)


class BorrowedFlow(ConfigSubentryFlow):
    """Choose entities, look at the evidence, confirm."""

    def __init__(self) -> None:
        """Start with nothing chosen."""
        self._title = ""
        self._drafts: Drafts = {}
        self._hints: dict[str, Candidate] = {}
        self._evidence: Evidence | None = None

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask where the entities are to be found."""
        return self.async_show_menu(
            step_id="user", menu_options=["dashboard", "entities"]
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what is to be changed."""
        subentry = self._get_reconfigure_subentry()
        registry = er.async_get(self.hass)
        self._title = subentry.title
        self._drafts = {
            key: {
                **channel,
                **{
                    name: entity and er.async_resolve_entity_id(registry, entity)
                    for name in ENTITIES
                    for entity in [channel.get(name)]
                },
            }
            for key, channel in subentry.data[CONF_CHANNELS].items()
        }
        self._hints = {
            key: hint_of(draft, declared=False) for key, draft in self._drafts.items()
        }
        return self.async_show_menu(
            step_id="reconfigure", menu_options=["review", "entities"]
        )

    async def async_step_dashboard(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Take what the Energy dashboard knows, as far as it is not ours already."""
        if "energy" not in self.hass.config.components:
            return self.async_abort(reason="energy_not_loaded")
        manager = await async_get_manager(self.hass)
        found = offers(manager.data["energy_sources"] if manager.data else ())
        taken = borrowed_ids(self.hass)
        drafts: Drafts = {}
        for offer in found:
            draft = {name: getattr(offer, name) for name in ENTITIES}
            if len(drafts) == MAX_CHANNELS or any(
                is_own(self.hass, entity) or lasting_id(self.hass, entity) in taken
                for entity in draft.values()
                if entity
            ):
                continue
            if draft["power"] is None:
                draft["power"] = entity_beside(self.hass, offer.energy, "power", taken)
            key = f"{PartKind.CHANNEL}_{len(drafts) + 1}"
            drafts[key] = {
                CONF_NAME: offer.name or suggested_name(self.hass, draft),
                CONF_ROLE: str(offer.role),
                _REVERSED: offer.reversed,
                CONF_COVERS: None,
                **draft,
            }
            self._hints[key] = Candidate(offer.role, offer.reversed, declared=True)
        if not drafts:
            return self.async_abort(reason="nothing_to_borrow")
        self._title = (await async_words(self.hass))["dashboard"]
        return await self._async_start_review(drafts)

    async def async_step_entities(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the power entities."""
        errors: dict[str, str] = {}
        if user_input is not None:
            chosen = list(dict.fromkeys(user_input[CONF_ENTITIES]))
            if (error := self._refusal(chosen)) is not None:
                errors["base"] = error
            elif not 0 < len(chosen) <= MAX_CHANNELS:
                errors["base"] = "too_many_entities" if chosen else "nothing_measured"
            else:
                self._title = self._title or suggested_name(
                    self.hass, {"power": chosen[0]}
                )
                return await self._async_start_review(self._drafts_of(chosen))
        power = entity_selector(SensorDeviceClass.POWER, multiple=True)
        suggested = user_input or {
            CONF_ENTITIES: [d["power"] for d in self._drafts.values() if d["power"]]
        }
        return self.async_show_form(
            step_id="entities",
            data_schema=self.add_suggested_values_to_schema(
                probatio.Schema({probatio.Required(CONF_ENTITIES): power}), suggested
            ),
            errors=errors,
        )

    def _drafts_of(self, chosen: Sequence[str]) -> Drafts:
        """Return a draft of each entity; what was set up before keeps its number."""
        kept = {
            draft["power"]: key
            for key, draft in self._drafts.items()
            if draft["power"] in chosen
        }
        free = (
            key
            for number in range(1, MAX_CHANNELS + 1)
            if (key := f"{PartKind.CHANNEL}_{number}") not in kept.values()
        )
        drafts: Drafts = {}
        for entity in chosen:
            if entity in kept:
                drafts[kept[entity]] = self._drafts[kept[entity]]
                continue
            key = next(free)
            drafts[key] = {
                CONF_NAME: suggested_name(self.hass, {"power": entity}),
                # The samples say.
                CONF_ROLE: None,
                _REVERSED: False,
                CONF_COVERS: None,
                "power": entity,
                "power_to": None,
                "energy": None,
                "energy_to": None,
            }
            self._hints[key] = hint_of(drafts[key], declared=False)
        self._hints = {key: self._hints[key] for key in drafts}
        return dict(sorted(drafts.items()))

    async def _async_start_review(self, drafts: Drafts) -> SubentryFlowResult:
        """Fill in what the samples propose where the user said nothing yet."""
        self._drafts = drafts
        evidence = await self._async_look()
        assigned = dict(zip(drafts, evidence.proposal.assigned, strict=True))
        for key, draft in drafts.items():
            if self.source != SOURCE_RECONFIGURE or draft[CONF_ROLE] is None:
                one = assigned[key]
                draft[CONF_ROLE] = str(one.role or NO_ROLE)
                draft[_REVERSED] = one.reversed
                draft[CONF_COVERS] = self._covered(one, evidence)
            if (
                draft[CONF_ROLE] in (Role.GENERATION, Role.ARRAY, Role.CONSUMPTION)
                and draft["energy"] is None
            ):
                used = borrowed_ids(self.hass) | {
                    lasting_id(self.hass, other[name])
                    for other in drafts.values()
                    for name in ENTITIES
                    if other[name]
                }
                draft["energy"] = entity_beside(
                    self.hass, draft["power"], "energy", used
                )
        return await self.async_step_review()

    def _covered(self, one: Assigned, evidence: Evidence) -> str | None:
        """Return the inverter that measures the same, or the battery's inverter."""
        place = None
        if one.twin is not None and one.role not in _SHARED:
            place = evidence.known[one.twin].place
        elif one.behind and not any(
            other.counts and other.role is Role.GENERATION
            for other in evidence.proposal.assigned
        ):
            place = next(
                (k.place for k in evidence.known if k.role is Role.GENERATION), None
            )
        return next(
            (
                subentry.subentry_id
                for subentry in self._get_entry().get_subentries_of_type(
                    SUBENTRY_INVERTER
                )
                if place is not None and subentry.unique_id == place
            ),
            None,
        )

    async def async_step_review(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show the proposal with its evidence; every role and sign can be changed."""
        errors: dict[str, str] = {}
        if user_input is not None:
            before = {key: terms_of(draft) for key, draft in self._drafts.items()}
            self._take_answers(user_input)
            if not self._title:
                errors[CONF_NAME] = "name_empty"
            elif (error := self._problem()) is not None:
                errors["base"] = error
            else:
                if before != {k: terms_of(d) for k, d in self._drafts.items()}:
                    self._evidence = None
                return await self.async_step_confirm()
        evidence = self._evidence or await self._async_look()
        return self.async_show_form(
            step_id="review",
            data_schema=self._review_schema(),
            errors=errors,
            description_placeholders={
                "evidence": await self._async_words(evidence, evidence.proposal)
            },
        )

    def _review_schema(self) -> probatio.Schema:
        fields: dict[Any, Any] = {
            probatio.Required(CONF_NAME, default=self._title): TextSelector()
        }
        power = entity_selector(SensorDeviceClass.POWER)
        energy = entity_selector(SensorDeviceClass.ENERGY)
        inverters = [
            SelectOptionDict(value=subentry.subentry_id, label=subentry.title)
            for subentry in self._get_entry().get_subentries_of_type(SUBENTRY_INVERTER)
        ]
        for key, draft in self._drafts.items():
            inner: dict[Any, Any] = {
                probatio.Required(CONF_NAME, default=draft[CONF_NAME]): TextSelector(),
                probatio.Required(CONF_ROLE, default=draft[CONF_ROLE]): choice(
                    "borrowed_role", _ROLES
                ),
                probatio.Required(
                    _REVERSED, default=draft[_REVERSED]
                ): BooleanSelector(),
            }
            for name in ENTITIES:
                hint = {"suggested_value": draft[name]}
                inner[probatio.Optional(name, description=hint)] = (
                    power if name.startswith("power") else energy
                )
            if inverters:
                hint = {"suggested_value": draft[CONF_COVERS]}
                inner[probatio.Optional(CONF_COVERS, description=hint)] = (
                    SelectSelector(
                        SelectSelectorConfig(
                            options=inverters, mode=SelectSelectorMode.DROPDOWN
                        )
                    )
                )
            fields[probatio.Required(key)] = section(
                probatio.Schema(inner), {"collapsed": False}
            )
        return probatio.Schema(fields)

    def _take_answers(self, user_input: Mapping[str, Any]) -> None:
        self._title = user_input[CONF_NAME].strip()
        for key, draft in self._drafts.items():
            answers = user_input[key]
            draft[CONF_NAME] = answers[CONF_NAME].strip() or draft[CONF_NAME]
            draft[CONF_ROLE] = answers[CONF_ROLE]
            draft[_REVERSED] = answers[_REVERSED]
            for name in (*ENTITIES, CONF_COVERS):
                draft[name] = answers.get(name)

    def _problem(self) -> str | None:
        """Return what is wrong with the answers, if anything is."""
        used = [d[n] for d in self._drafts.values() for n in ENTITIES if d[n]]
        if len(set(used)) < len(used):
            return "entity_twice"
        if (error := self._refusal(used)) is not None:
            return error
        if all(draft[CONF_ROLE] == NO_ROLE for draft in self._drafts.values()):
            return "nothing_measured"
        now = dt_util.utcnow()
        for draft in self._drafts.values():
            if draft[CONF_ROLE] != NO_ROLE and draft["power"] is None:
                return "power_missing"
            for name in ("energy", "energy_to"):
                state = draft[name] and self.hass.states.get(draft[name])
                # One that is silent now cannot be judged.
                if (
                    state
                    and has_number(state.state)
                    and energy_report(state, now) is None
                ):
                    return "energy_does_not_count"
        return None

    def _refusal(self, entities: Iterable[str]) -> str | None:
        """Return why some of these cannot be borrowed, if so."""
        own = (
            self._reconfigure_subentry_id if self.source == SOURCE_RECONFIGURE else None
        )
        taken = borrowed_ids(self.hass, but=own)
        for entity in entities:
            if is_own(self.hass, entity):
                return "own_entity"
            if lasting_id(self.hass, entity) in taken:
                return "already_borrowed"
        return None

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show what the samples say of what the user chose."""
        evidence = self._evidence or await self._async_look()
        chosen = self._chosen(evidence)
        known = [as_assigned(k) for k in evidence.known]
        assessment = assess(evidence.table, (*chosen, *known))
        return self.async_show_menu(
            step_id="confirm",
            menu_options=["save", "review"],
            description_placeholders={
                "evidence": await self._async_words(
                    evidence, Proposal(tuple(chosen), assessment)
                )
            },
        )

    async def async_step_save(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Keep the channels, entities by their lasting identity."""
        channels = {
            key: {
                **draft,
                **{
                    name: draft[name] and lasting_id(self.hass, draft[name])
                    for name in ENTITIES
                },
            }
            for key, draft in self._drafts.items()
        }
        data = {CONF_CHANNELS: channels}
        if self.source == SOURCE_RECONFIGURE:
            return self.async_update_and_abort(
                self._get_entry(),
                self._get_reconfigure_subentry(),
                title=self._title,
                data=data,
            )
        return self.async_create_entry(
            title=self._title, data=data, unique_id=self._unique_id(channels)
        )

    def _unique_id(self, channels: Drafts) -> str:
        """Return a name that lasts when other entities take over later."""
        names = sorted(c[n] for c in channels.values() for n in ENTITIES if c[n])
        taken = {s.unique_id for s in self._get_entry().subentries.values()}
        while True:
            digest = sha256("\n".join(names).encode()).hexdigest()[:16]
            if (unique_id := f"{SUBENTRY_BORROWED}_{digest}") not in taken:
                return unique_id
            names.append("")

    def _chosen(self, evidence: Evidence) -> list[Assigned]:
        """Return what the answers mean for the balance."""
        places = {
            subentry.subentry_id: subentry.unique_id
            for subentry in self._get_entry().get_subentries_of_type(SUBENTRY_INVERTER)
        }
        roles = [
            (None if d[CONF_ROLE] == NO_ROLE else Role(d[CONF_ROLE]), d)
            for d in self._drafts.values()
        ]
        own_output = any(r is Role.GENERATION and not d[CONF_COVERS] for r, d in roles)
        found: list[Assigned] = []
        for role, draft in roles:
            place = places.get(draft[CONF_COVERS] or "")
            twin = next(
                (
                    number
                    for number, known in enumerate(evidence.known)
                    if (role in _SHARED and known.role is role)
                    or (
                        (role not in _SHARED and place == known.place)
                        and (known.role is Role.BATTERY) is (role is Role.BATTERY)
                    )
                ),
                None,
            )
            behind = role is Role.BATTERY and (
                own_output if place is None else twin is None
            )
            found.append(Assigned(role, draft[_REVERSED], behind, twin))
        return found

    async def _async_look(self) -> Evidence:
        """Sample everything that matters and let the samples speak."""
        entry: PvFamilyConfigEntry = self._get_entry()
        own = (
            self._reconfigure_subentry_id if self.source == SOURCE_RECONFIGURE else None
        )
        data: PvFamilyData | None = getattr(entry, "runtime_data", None)
        known = tuple(known_powers(self.hass, data, own)) if data else ()
        columns = [terms_of(draft) for draft in self._drafts.values()]
        columns += [one.terms for one in known]
        means = await async_means(
            self.hass, sorted({name for terms in columns for name, _ in terms})
        )

        def judge() -> tuple[Table, Proposal]:
            table = align(
                [combined([(means[n], f) for n, f in terms]) for terms in columns],
                lambda time: sun_elevation(self.hass, entry, time),
            )
            return table, propose(
                table,
                [self._hints[key] for key in self._drafts],
                [as_assigned(one) for one in known],
            )

        table, proposal = await self.hass.async_add_executor_job(judge)
        self._evidence = Evidence(table=table, known=known, proposal=proposal)
        return self._evidence

    async def _async_words(self, evidence: Evidence, shown: Proposal) -> str:
        """Return the evidence as a table and sentences, in the user's language."""
        words = await async_words(self.hass)
        lines = [
            Line(
                number=Part.from_key(key).number,
                name=draft[CONF_NAME],
                now=shown_now(self.hass, draft),
                night=night_mean(evidence.table, column),
            )
            for column, (key, draft) in enumerate(self._drafts.items())
        ]
        text = evidence_table(words, lines, shown)
        better = evidence.proposal
        if (
            better.measured
            and better.assessment.score > shown.assessment.score + _CLEARLY_BETTER
            and (
                difference := differences(
                    words, [n.name for n in lines], shown.assigned, better.assigned
                )
            )
        ):
            text += "\n" + words["contradiction"].format(proposal=difference)
        return text
