"""Codec libraries of this machine: found, loaded, and handed to the pure code."""

from __future__ import annotations

from trio_runtime.media.codecs.find import codecs_for, find_codecs

__all__ = ["codecs_for", "find_codecs"]
