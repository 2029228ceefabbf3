#!/bin/bash
# profile.sh WORKLOAD...   where the SIP service's microseconds go: each workload against a service under `node --cpu-prof`
# A workload is one argument: "W2 --window 32 --duration 5". Needs what porchlight.sh needs. Prints self time by room and by
# function (profile-report.mjs), in µs per operation of the whole run, set-up included; profiles stay in logs/profiles.
cd "$(dirname "$0")"; mkdir -p logs/profiles results
D=${DBPID:-$(pgrep -xo mariadbd)}
for workload in "$@"; do
  NAME=$(echo "$workload" | tr -c 'A-Za-z0-9\n' '-')
  rm -rf "logs/profiles/$NAME"; rm -f logs/profile.jsonl
  NODEOPT="${NODEOPT:-} --cpu-prof --cpu-prof-interval=250 --cpu-prof-dir=$PWD/logs/profiles/$NAME" ./porchlight.sh start > /dev/null
  timeout 300 node sipbench.mjs --target 127.0.0.1:5072 --proc srv="$(cat logs/porchlight.pid)",db="$D" --mysql on --auth on \
    --json logs/profile.jsonl --label porchlight --repeat "${REPEAT:-1}" --workload $workload | cut -c1-400
  ./porchlight.sh stop
  node profile-report.mjs "logs/profiles/$NAME"/*.cpuprofile logs/profile.jsonl "${TOP:-45}"
done
