"""A report put into words of one language, before it becomes plain text, HTML or PDF."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from hotline_collector.calls.reports import report as parts
from hotline_collector.calls.reports.report import Report, Words
from hotline_collector.calls.reports.words import REPORT_WORDS
from hotline_collector.model.units import Lang, condition, human


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a section and the lines under it."""

    head: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with items; `prose` are paragraphs instead."""

    title: str
    entries: tuple[Entry, ...] = ()
    prose: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """The whole report: a title, a table of names and values, and sections."""

    lang: Lang
    title: str
    table: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]


def document(report: Report, lang: Lang, *, texts: bool = True) -> Document:
    """Return a report in words; without `texts` the ticket and the caller's summary are left out."""
    writer = Writer(lang)
    t = writer.t
    sections = [
        Section(t["found"], tuple(writer.found(report)) or (Entry(t["nothing_found"]),)),
        Section(t["excluded"], tuple(Entry(writer.ruled_out(item)) for item in report.excluded)),
        Section(t["unknown"], tuple(writer.unknown(report))),
        Section(t["tried"], tuple(map(writer.fix, report.fixes)) or (Entry(t["nothing_tried"]),)),
        Section(t["answers"], tuple(map(writer.answer, report.answers))),
        Section(t["also_noticed"], tuple(map(writer.finding, report.also_noticed))),
        Section(t["disagreements"], tuple(map(writer.disagreement, report.disagreements))),
        Section(t["notes"], tuple(map(writer.note, report.notes))),
    ]
    if texts:
        sections += [
            Section(t["ticket"], prose=report.ticket),
            Section(t["summary"], prose=report.summary),
        ]
    kept = tuple(section for section in sections if section.entries or section.prose)
    return Document(lang, t["title"].format(id=report.call.id), tuple(writer.table(report)), kept)


class Writer:
    """Puts the parts of a report into words of one language."""

    def __init__(self, lang: Lang) -> None:
        self.lang: Lang = lang
        self.t = REPORT_WORDS[lang]

    def word(self, name: str) -> str:
        """Return the word for a state or reason, the name itself if there is none."""
        return self.t.get(name, name)

    def say(self, words: Words, otherwise: str = "") -> str:
        """Return a text in the language, in the other one if it lacks."""
        first, second = (words.de, words.en) if self.lang == "de" else (words.en, words.de)
        return first or second or otherwise

    def time(self, at: str) -> str:
        """Return a time of a report as people of the language write it, in UTC; empty for none."""
        if not at:
            return ""
        how = "%d.%m.%Y %H:%M:%S UTC" if self.lang == "de" else "%Y-%m-%d %H:%M:%S UTC"
        return f"{datetime.fromisoformat(at):{how}}"

    def table(self, report: Report) -> Iterator[tuple[str, str]]:
        """Yield what the call is about, each with its name."""
        t, call = self.t, report.call
        yield t["complaint"], call.complaint or t["none_given"]
        yield (t["outcome"], self.word(call.outcome)) if call.outcome else (t["state"], self.word(call.state))
        optional = ((t["check"], call.first_check), (t["reference"], call.customer_reference))
        yield from (pair for pair in optional if pair[1])
        yield t["agent"], call.agent
        yield t["opened"], self.time(call.opened)
        if call.closed:
            yield t["closed"], self.time(call.closed)
        for target in report.targets:
            yield t["computer"], ", ".join(part for part in (target.platform, target.system) if part) or "–"
            yield t["consent"], ", ".join(map(self.word, target.consent)) or t["no_consent"]
        yield t["generated"], self.time(report.generated)

    def about(self, words: Words, entity: str, otherwise: str = "") -> str:
        """Return a title with what it is about."""
        return self.say(words, otherwise) + (f" ({entity})" if entity else "")

    def finding(self, finding: parts.FindingPart) -> Entry:
        """Return a cause with its evidence and what it explains."""
        t = self.t
        marks = [self.word(finding.severity)]
        marks.append(t["confidence"].format(value=human(str(finding.confidence), "1", self.lang)))
        if finding.since:
            marks.append(t["since"].format(time=self.time(finding.since)))
        if finding.stale:
            marks.append(t["stale"])
        under = [" · ".join(marks), *map(self.evidence, finding.evidence)]
        if finding.follows:
            titles = "; ".join(self.say(words) for words in finding.follows)
            under.append(t["follows"].format(titles=titles))
        return Entry(self.about(finding.title, finding.entity, finding.rule), tuple(under))

    def found(self, report: Report) -> Iterator[Entry]:
        """Yield the causes, those that were cured last."""
        yield from map(self.finding, report.causes)
        for finding in report.cured:
            title = self.about(finding.title, finding.entity, finding.rule)
            since = self.t["since"].format(time=self.time(finding.since))
            yield Entry(self.t["cured"].format(title=title), (since,) if finding.since else ())

    def evidence(self, item: parts.EvidencePart) -> str:
        """Return a value with its threshold on one line."""
        name = self.fact(item)
        if item.withheld:
            return f"{name}: {self.t['withheld']}"
        label = self.say(item.label)
        said = [f"{name} = {label or human(item.value, item.unit, self.lang)}"]
        if item.condition and not label:
            limit = condition(item.condition, item.unit, self.lang, item.fact)
            said.append(self.t["condition"].format(limit=limit))
        if item.measured:
            said.append(self.t["measured"].format(time=self.time(item.measured)))
        return " · ".join(said)

    def fact(self, item: parts.EvidencePart | parts.MissingPart) -> str:
        """Return what a fact means, with its name and what it is about."""
        meaning, about = self.say(item.meaning), (item.fact, item.entity) if item.entity else (item.fact,)
        return f"{meaning} ({', '.join(about)})" if meaning else " ".join(about)

    def ruled_out(self, item: parts.ExcludedPart) -> str:
        """Return what is not the cause and how that is known."""
        sentence = self.t["could_be" if item.why == "complaint" else item.why]
        title = self.about(item.title, item.entity, item.rule)
        said = sentence.format(title=title, entity=item.entity, instead=self.say(item.instead))
        return said + (f" ({self.t['as_of'].format(time=self.time(item.as_of))})" if item.as_of else "")

    def unknown(self, report: Report) -> Iterator[Entry]:
        """Yield what could not be told and why."""
        for finding in report.suspected:
            title = self.about(finding.title, finding.entity, finding.rule)
            missing = tuple(self.lacks(item) for item in finding.missing)
            yield Entry(self.t["suspected"].format(title=title), missing)
        for source in report.unread:
            said = self.t["unread"].format(source=source.source, status=self.word(source.status))
            yield Entry(said + (f" ({source.note})" if source.note else ""))

    def lacks(self, item: parts.MissingPart) -> str:
        """Return a missing fact, the reason and the way to get it."""
        kind, _, name = item.settle.partition(":")
        settle = self.t.get(f"settle_{kind}", self.t["settle_"]).format(name=name)
        return self.t["lacks"].format(fact=self.fact(item), reason=self.word(item.reason), settle=settle)

    def fix(self, fix: parts.FixPart) -> Entry:
        """Return a fix and how it ended."""
        title = self.about(fix.title, fix.entity, fix.action or fix.rule)
        under = [" · ".join(part for part in (self.time(fix.settled or fix.done), fix.detail) if part)]
        if fix.in_force:
            under.append(self.t["in_force"])
        return Entry(f"{title}: {self.word(fix.state)}", tuple(line for line in under if line))

    def answer(self, answer: parts.AnswerPart) -> Entry:
        """Return a question and its answer."""
        return Entry(f"{self.say(answer.text, answer.question)} {self.say(answer.answer)}")

    def disagreement(self, said: parts.DisagreementPart) -> Entry:
        """Return what a human says it was instead."""
        head = self.t["not_it"].format(author=said.author, rule=said.rule, instead=said.instead)
        return Entry(head, (said.reason,) if said.reason else ())

    def note(self, note: parts.NotePart) -> Entry:
        """Return a note."""
        return Entry(f"{self.time(note.at)} · {note.author}", tuple(note.text.splitlines()))

    def titles(self, findings: Iterable[parts.FindingPart]) -> str:
        """Return the titles of findings on one line."""
        return "; ".join(self.about(f.title, f.entity, f.rule) for f in findings)
