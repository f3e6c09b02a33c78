#!/bin/sh
# Dit, pack par pack, ce qui change depuis une branche : le texte, et les situations jugées autrement.
# Says, pack by pack, what changes since a branch: the text, and the situations judged otherwise.
# sh ci/what-changes.sh origin/main > what-changes.md
set -eu

before=$(mktemp -d)
trap 'git worktree remove --force "$before/packs-before"; rmdir "$before"' EXIT
git worktree add --quiet --detach "$before/packs-before" "$1"

for pack in packs/*/; do
  old="$before/packs-before/$pack"
  if [ ! -f "$old/pack.yaml" ]; then # a new pack: what it adds to the text that it builds on
    old=$(sed -n 's/^builds_on:[ []*\([a-z0-9-]*\).*/\1/p' "$pack/pack.yaml")
  fi
  printf '## %s\n\n```text\n' "$(basename "$pack")"
  compliance diff --meaning "$old" "$pack"
  printf '```\n\n'
done
