#!/bin/bash
# commits.sh OUT.jsonl ROUNDS REVISION REVISION WORKLOAD...   two commits under the same load, in turn, on one database (MariaDB, or a file
# with ON=sqlite); REPEAT repetitions in each round. Needs what porchlight.sh needs, its setup included. The table of it:
#   SERVERS="before now" node table.mjs OUT.jsonl     (the first revision is `before`)
# The load is made by this checkout.
set -e
cd "$(dirname "$0")"; mkdir -p logs results
OUT=$(realpath -m "$1"); ROUNDS=$2; ONE=$3; OTHER=$4; shift 4
ROOT=$(cd ../..; pwd); D=${DBPID:-$(pgrep -xo mariadbd)}; T=$(mktemp -d)
at() { echo "$T/$1/bench/load"; }
trap 'for n in before now; do "$(at $n)/porchlight.sh" stop || true; git -C "$ROOT" worktree remove --force "$T/$n" || true; done; rm -rf "$T"' EXIT
prepare() { # name revision
  ../checkout.sh "$T/$1" "$2"
  mkdir -p "$(at "$1")/logs"; ln -s "$ROOT/bench/load/logs/data" "$(at "$1")/logs/data"; ln -s "$ROOT/bench/load/logs/sqlite" "$(at "$1")/logs/sqlite"
}
run() { # name workload
  "$(at "$1")/porchlight.sh" start > /dev/null
  timeout "${LIMIT:-200}" node sipbench.mjs --target 127.0.0.1:5072 --proc srv="$(cat "$(at "$1")/logs/porchlight.pid")",db="$D" --mysql on --auth on \
    --json "$OUT" --label "$1" --maxother 0.25 --retries 1 --repeat "${REPEAT:-3}" --workload $2 | grep -v '^  setup' | cut -c1-260
  "$(at "$1")/porchlight.sh" stop
}
prepare before "$ONE"; prepare now "$OTHER"
for workload in "$@"; do for round in $(seq 1 "$ROUNDS"); do
  if [ $((round % 2)) = 1 ]; then order="before now"; else order="now before"; fi
  for name in $order; do run "$name" "$workload"; done
done; done
