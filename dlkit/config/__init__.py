"""Configs: from YAML text to a checked `RunConfig`, without torch. This file imports nothing.

`load.load` reads a config, `schema` says what one holds, `routing.route` sends each regularizer to
where it acts, `identity.differences` compares two for a resume.
"""
