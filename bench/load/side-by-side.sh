#!/bin/bash
# side-by-side.sh OUT.jsonl PART...   Porchlight and Kamailio (MODES, default "d3 mem"), in turn, on one MariaDB
# parts: core (W1 to W4), fanout (W5 with 10 and 100 watchers), latency (50 PUBLISH/s × 10 watchers), pace (default pacing),
#        mixed (W6, highest clean rate), null (the generator's own ceiling), sqlite (W1 to W5, Porchlight on a file and on MariaDB).
# ROUNDS=3 alternations, REPEAT=1 repetition in each, DUR=3 seconds. table.mjs makes the table of it.
cd "$(dirname "$0")"; mkdir -p logs results
OUT=$1; shift
export MODES="${MODES-d3 mem}" REPEAT="${REPEAT:-1}"
ROUNDS=${ROUNDS:-3}; DUR=${DUR:-3}
for part in "$@"; do case $part in
 core) ./pair.sh "$OUT" "$ROUNDS" "W1 --window 32 --count 10000 --duration $((2 * DUR))" "W2 --window 32 --duration $DUR" \
   "W3 --window 32 --count 10000 --duration $((2 * DUR))" "W4 --window 32 --duration $DUR";;
 fanout) for watchers in 10 100; do ./pair.sh "$OUT" "$ROUNDS" "W5 --window 8 --presentities 100 --watchers $watchers --duration $DUR"; done;;
 latency) ./porchlight.sh commit --json "$OUT"
   ./pair.sh "$OUT" "${ALTERNATIONS:-5}" "W5 --presentities 100 --watchers 10 --rate 50 --duration ${SECONDS_OF_LATENCY:-60}"
   ./porchlight.sh commit --json "$OUT";;
 pace) MODES="" PACE=default ./pair.sh "$OUT" 1 "W5 --presentities 100 --watchers 10 --window 100 --duration 12 --timeout 9000";;
 mixed) SHM=3072 LIMIT=420 ./pair.sh "$OUT" 1 "W6 --setupwindow 32 --search ${SEARCH:-400},12000 --stepdur 4";;
 sqlite) for workload in "W1 --window 32 --count 10000 --duration $((2 * DUR))" "W2 --window 32 --duration $DUR" "W3 --window 32 --count 10000 --duration $((2 * DUR))" \
     "W4 --window 32 --duration $DUR" "W5 --window 8 --presentities 100 --watchers 10 --duration $DUR"; do
   MODES="" ON=sqlite ./pair.sh "$OUT" "$ROUNDS" "$workload"; MODES="" ./pair.sh "$OUT" "$ROUNDS" "$workload"
   done;;
 null) node nullsip.mjs 5074 & N=$!; sleep 0.5
   for workload in "W2 --window 32" "W3 --window 32 --count 20000"; do
     timeout 60 node sipbench.mjs --target 127.0.0.1:5074 --auth off --proc "srv=$N" --json "$OUT" --label null --repeat 3 --workload $workload --duration "$DUR" | cut -c1-200
   done; kill $N;;
esac; done
