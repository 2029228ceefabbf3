#!/bin/bash
# perf.sh WORKLOAD...   what Linux's sampling profiler sees: the kernel, V8's own code and the collector too, which profile.sh puts down
# to whoever called them. A workload is one argument and must last: "W3 --window 32 --count 10000 --duration 6 --repeat 4".
# SKIP=12 seconds, then SECONDS_SEEN=8 are looked at, when most is compiled. Needs what porchlight.sh needs, and perf (Debian: linux-perf).
cd "$(dirname "$0")"; mkdir -p logs
D=${DBPID:-$(pgrep -xo mariadbd)}
for workload in "$@"; do
  NODEOPT="${NODEOPT:-} --perf-basic-prof-only-functions --interpreted-frames-native-stack" ./porchlight.sh start > /dev/null
  P=$(cat logs/porchlight.pid)
  (sleep "${SKIP:-12}"; perf record -e cpu-clock -F 2500 -g -p "$P" -o logs/perf.data -- sleep "${SECONDS_SEEN:-8}" > /dev/null 2>&1) & SEEING=$!
  timeout 300 node sipbench.mjs --target 127.0.0.1:5072 --proc srv="$P",db="$D" --auth on --label porchlight --workload $workload | cut -c1-200
  wait "$SEEING"
  perf script -i logs/perf.data -F tid,ip,sym 2> /dev/null | node perf-report.mjs "${DEPTH:-6}" "${LEAST:-1}"
  ./porchlight.sh stop; rm -f logs/perf.data "/tmp/perf-$P.map"
done
