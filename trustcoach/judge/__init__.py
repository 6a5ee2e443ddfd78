"""Walks a conversation once, in order, and decides what was due, shown, missed and breached. No text is matched here."""

from trustcoach.judge.verdicts import Judgement, judge

__all__ = ["Judgement", "judge"]
