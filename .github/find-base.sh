#!/bin/sh
# Prints the commit that a job's change is held against: find-base.sh FOLDER GIVEN EVENT
#   FOLDER  any folder of the checkout
#   GIVEN   what a person said: a commit, none, or nothing
#   EVENT   the base that the event names (of a pull request or a merge queue), or nothing
# Prints nothing where there is no base, or where the checkout neither has it nor may fetch it.
set -eu
folder=$1 given=$2 event=$3
ask() { GIT_TERMINAL_PROMPT=0 git -C "$folder" "$@" 2>/dev/null; }
has() { ask cat-file -e "$1^{commit}"; }
if [ "$given" = none ]; then exit 0; fi
if [ -n "$given" ]; then
  echo "$given"
  exit 0
fi
if [ -z "$event" ]; then exit 0; fi
base=$event
# A pull request is checked out as the merge that GitHub made: its first parent is the base as it was merged, which may be
# newer than the one of the event. The object names it also in a clone of depth 1. Of any other commit the author chose
# the parents.
case "${GITHUB_REF:-}" in
  refs/pull/*/merge)
    if [ "$(ask rev-parse HEAD)" = "${GITHUB_SHA:-}" ]; then
      base=$(ask cat-file commit HEAD | sed -n '/^$/q; s/^parent //p' | head -n 1)
    fi
    ;;
esac
if ! has "$base"; then ask fetch --quiet --no-tags --depth=1 origin "$base" || true; fi
if has "$base"; then
  echo "$base"
else
  echo "::notice title=validate::The checkout does not have the base $base (fetch-depth: 2 brings it): all findings count" >&2
fi
