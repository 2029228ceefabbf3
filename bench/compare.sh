#!/bin/bash
# compare.sh REVISION REVISION [WALK...]   the walks of two commits, in turn, on this machine: CPU µs per operation of the best quarter
# Builds each in a worktree of its own, with the libraries of this one; the walks are those of this checkout.
set -e
cd "$(dirname "$0")/.."
ROOT=$PWD; T=$(mktemp -d); ONE=$1; OTHER=$2; shift 2
WALKS=${*:-modify publish subscribe refresh fanout10 fanout100}
trap 'for n in one other; do git -C "$ROOT" worktree remove --force "$T/$n" 2>/dev/null; done; rm -rf "$T"' EXIT
prepare() { # name revision
  bench/checkout.sh "$T/$1" "$2"
  mkdir -p "$T/$1/bench/micro"; cp "$ROOT"/bench/micro/{stage,walks}.mjs "$T/$1/bench/micro/"
}
best() { # name walk: the smallest quarter of ROUNDS runs
  (cd "$T/$1" && node bench/micro/walks.mjs "$2" --seconds "${SECONDS_EACH:-6}") | grep CPU | sed 's/.*: //' | grep -oE '[0-9.]+ \(' | tr -d ' (' | sort -n | head -1
}
prepare one "$ONE"; prepare other "$OTHER"
printf '%-10s %12s %12s\n' walk "$ONE" "$OTHER"
for walk in $WALKS; do
  : > "$T/a"; : > "$T/b"
  for _ in $(seq 1 "${ROUNDS:-3}"); do best one "$walk" >> "$T/a"; best other "$walk" >> "$T/b"; done
  printf '%-10s %12s %12s\n' "$walk" "$(sort -n "$T/a" | head -1)" "$(sort -n "$T/b" | head -1)"
done
