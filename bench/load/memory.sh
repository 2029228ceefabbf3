#!/bin/bash
# memory.sh [FEW] [MORE]   what MORE subscriptions, each of a watcher of its own, add to FEW (10000, 100000): proportional set size (PSS)
# of the SIP service after garbage collection, when the transactions are forgotten
cd "$(dirname "$0")"; FEW=${1:-10000}; MORE=${2:-100000}
NODEOPT="${NODEOPT:-} --expose-gc --import $PWD/gc-on-signal.mjs" ./porchlight.sh start > /dev/null
P=$(cat logs/porchlight.pid)
held() { sleep 40; kill -USR2 "$P"; sleep 3; kill -USR2 "$P"; sleep 2; awk '/^Pss:/{print $2}' "/proc/$P/smaps_rollup"; }
watch() { node sipbench.mjs --target 127.0.0.1:5072 --auth on --repeat 1 --workload W3 --window 32 --count "$1" --base "$2" --duration 600 --proc "srv=$P" | cut -c1-120; }
watch "$FEW" 0; A=$(held); watch "$MORE" 30000; B=$(held)
./porchlight.sh stop
echo "$FEW subscriptions: $((A / 1024)) MB; $MORE more: $((B / 1024)) MB; $(((B - A) * 10000 / MORE / 1024)) MB for each 10,000"
