"""Identities that cannot be forged, and conversations that belong to one person."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.owner import Owners

OURS, OTHER = Owners("key-of-this-gateway"), Owners("another-key")


def test_a_signed_identity_is_read_back() -> None:
    person = OURS.new_person()
    assert OURS.person(OURS.sign(person)) == person


def test_a_name_with_dots_is_read_back_whole() -> None:
    assert OURS.person(OURS.sign("t-a.b.c")) == "t-a.b.c"


@given(st.text())
def test_a_made_up_cookie_is_nobody(cookie: str) -> None:
    assert OURS.person(cookie) is None


def test_a_cookie_of_another_key_or_person_is_nobody() -> None:
    assert OURS.person(OTHER.sign("p-1")) is None
    _, _, mac = OURS.sign("p-1").rpartition(".")
    assert OURS.person(f"p-2.{mac}") is None
    assert OURS.person(f".{mac}") is None


@pytest.mark.parametrize("cut", [1, 32, 63])
def test_a_shortened_signature_is_nobody(cut: int) -> None:
    assert OURS.person(OURS.sign("p-1")[:-cut]) is None


def test_a_conversation_belongs_to_who_opened_it_and_to_nobody_else() -> None:
    conversation = OURS.new_conversation("p-1")
    assert OURS.owns("p-1", conversation)
    assert not OURS.owns("p-2", conversation)
    assert not OTHER.owns("p-1", conversation)


@given(st.uuids())
def test_a_made_up_conversation_is_nobodys(conversation: uuid.UUID) -> None:
    assert not OURS.owns("p-1", conversation)


def test_one_person_may_open_many_conversations() -> None:
    opened = {OURS.new_conversation("p-1") for _ in range(100)}
    assert len(opened) == 100
    assert all(OURS.owns("p-1", conversation) for conversation in opened)


def test_a_signature_of_a_person_is_no_mark_of_a_conversation() -> None:
    mac = bytes.fromhex(OURS.sign("p-1").rpartition(".")[2])
    assert not OURS.owns("p-1", uuid.UUID(bytes=mac[:16]))
