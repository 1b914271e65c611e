#!/bin/sh
# The hook of .pre-commit-hooks.yaml: runs in the repository that is validated, from a checkout of this one.
set -eu
home=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
# Written last, so that an interrupted install is done again.
if [ ! -e "$home/node_modules/.installed" ]; then
  # Each --omit replaces the list in .npmrc.
  npm ci --omit=dev --omit=peer --silent --prefix "$home" >&2
  touch "$home/node_modules/.installed"
fi
# What pre-commit compares, with --from-ref or on a push. In a commit the arguments decide: --all-files has no base.
case " $* " in
  *' --since'*) ;;
  *) if [ -n "${PRE_COMMIT_FROM_REF:-}" ]; then set -- --since "$PRE_COMMIT_FROM_REF" "$@"; fi ;;
esac
exec npm run --silent --prefix "$home" validate -- --root . "$@"
