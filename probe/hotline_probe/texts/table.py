"""The shape of the caller's wording: one field a sentence."""

from __future__ import annotations

from typing import NamedTuple


class Texts(NamedTuple):
    """Every sentence the probe can show, in one language; braces name what is filled in."""

    language: str
    yes_words: str
    yes_or_no: str
    # The way into the call.
    ask_code: str
    did_you_call: str
    cannot_see: str
    connecting: str
    busy: str
    joined: str
    joined_nameless: str
    read_words: str
    # Consent.
    basic_list: str
    ask_basic: str
    personal_needed: str
    personal_all: str
    personal_wanted: str
    personal_list: str
    ask_personal: str
    layer_basic: str
    layer_personal: str
    consent_given: str
    consent_denied: str
    consent_silent: str
    consent_not_interactive: str
    personal_declined: str
    personal_revoked: str
    keys: str
    # The window.
    no_window: str
    no_tk: str
    window_title: str
    window_code: str
    window_words: str
    window_news: str
    code_progress: str
    code_right: str
    button_continue: str
    button_yes: str
    button_no: str
    button_send: str
    button_unknown: str
    button_again: str
    button_revoke: str
    button_end: str
    button_close: str
    button_language: str
    value_true: str
    value_false: str
    # The link.
    link_connecting: str
    link_connected: str
    link_lost: str
    link_refused: str
    # The call.
    first_look_done: str
    agent_named: str
    words_confirmed: str
    wait_next: str
    wait_place: str
    wait_expected: str
    wait_not_known: str
    measured: str
    question: str
    question_values: str
    question_for_agent: str
    question_prompt: str
    check_asked: str
    check_ask: str
    check_refused: str
    check_running: str
    action_asked: str
    action_ask: str
    action_no_risk: str
    action_low_risk: str
    action_medium_risk: str
    goes: str
    goes_folder: str
    goes_more: str
    action_undoable: str
    action_final: str
    action_accepted: str
    action_declined: str
    action_running: str
    action_done: str
    action_failed: str
    action_undone: str
    action_undone_alone: str
    still_changed: str
    advice: str
    transcript_broken: str
    # The end.
    ended_caller: str
    ended_agent: str
    ended_interrupted: str
    # Usage and connection errors.
    bare_code: str
    code_length: str
    code_mistyped: str
    link_damaged: str
    bad_place: str
    bad_check: str
    bad_consent: str
    bad_address: str
    bad_accept: str
    bad_file: str
    bad_proxy: str
    bad_preset: str
    refused_mistyped: str
    refused_unknown: str
    refused_version: str
    refused_unavailable: str
    refused_other: str
    refused_busy: str
    unreachable: str
    reason_name: str
    reason_refused: str
    reason_timeout: str
    reason_unreachable: str
    reason_broken: str
    wrong_fingerprint: str
    untrusted: str
    untrusted_own: str
    # Without a collector.
    local_intro: str
    local_unreachable: str
    local_looking: str
    local_cause: str
    local_about: str
    local_symptoms: str
    local_step: str
    local_none: str
    local_digits: str
    local_picture: str
    local_again: str
    bad_table: str
    # The offline bundle.
    bundle_intro: str
    bundle_ask_basic: str
    bundle_ask_personal: str
    bundle_allowed: str
    bundle_denied: str
    bundle_looking: str
    bundle_written: str
    bundle_open: str
    bundle_sealed: str
    bundle_missing: str
    bundle_alone: str
    bundle_exists: str
    bundle_no_folder: str
    bundle_no_sealing: str
    bad_seconds: str
    bad_bundle_key: str
    # Preview.
    preview_intro: str
    preview_in_clear: str
    preview_stand_ins: str
    preview_nothing_sent: str
