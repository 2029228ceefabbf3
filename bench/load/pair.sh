#!/bin/bash
# pair.sh OUT.jsonl ROUNDS WORKLOAD...   the same workloads against Kamailio (MODES, default d3) and Porchlight, alternating
# With ON=sqlite it is Porchlight on a file, under the label sqlite. PACE=default leaves Porchlight's NOTIFY_PACE alone; REPEAT repetitions in each round.
# A workload is one argument: "W2 --window 32 --duration 5". Both servers share one MariaDB and this machine's cores.
cd "$(dirname "$0")"; mkdir -p logs results
OUT=$1; ROUNDS=$2; shift 2
D=${DBPID:-$(pgrep -xo mariadbd)}
run() { # label target pid workload
  timeout ${LIMIT:-200} node sipbench.mjs --target "$2" --proc srv="$3",db="$D" --mysql on --auth on --json "$OUT" --label "$1" \
    --maxother 0.25 --retries 1 --repeat "${REPEAT:-3}" --workload $4 | grep -v '^  setup' | cut -c1-260; }
for workload in "$@"; do for _ in $(seq 1 "$ROUNDS"); do
  for mode in ${MODES-d3}; do ./kam.sh start $mode auth > /dev/null && run $mode 127.0.0.1:5070 "$(cat logs/kam.pid)" "$workload"; ./kam.sh stop; done
  ./porchlight.sh start > /dev/null && run "${ON:-porchlight}" 127.0.0.1:5072 "$(cat logs/porchlight.pid)" "$workload"; ./porchlight.sh stop
done; done
