#!/bin/bash
# porchlight.sh setup      database porchlight, its tables, USERS users u0.. with password p0.. in realm example.com
# porchlight.sh start      the SIP service at 127.0.0.1:5072 on that database (tables of soft state emptied first)
# porchlight.sh stop
# porchlight.sh commit     what a commit takes, see commit-latency.mjs
# Needs the built project (npm run build) and a MariaDB that root may enter by its socket; with ON=sqlite a file instead.
# Differs from the defaults in: NOTIFY_PACE=0, DEFAULT_PERMISSION=allow, SOURCE_RATE=0.
set -e
cd "$(dirname "$0")"; mkdir -p logs results
ROOT=$(cd ../..; pwd)
export SIP_DOMAIN=example.com SIP_LISTEN=udp:127.0.0.1:5072 LOG_LEVEL=warn DEFAULT_PERMISSION=allow
if [ "$ON" = sqlite ]; then export DATA_DIR="$PWD/logs/sqlite" DATABASE_URL="file:$PWD/logs/sqlite/porchlight.db"
else export DATA_DIR="$PWD/logs/data" DATABASE_URL="mysql://porchlight:bench@localhost/porchlight?socketPath=$(mysql -N -B -e 'select @@socket')"; fi
# The generator is one address, and asks as thousands of phones do.
export SOURCE_RATE=0
[ "$PACE" = default ] || export NOTIFY_PACE=0
PIDF=logs/porchlight.pid
stop() {
  [ -f $PIDF ] || return 0
  p=$(cat $PIDF); kill -TERM "$p" 2>/dev/null || true
  for _ in $(seq 1 100); do kill -0 "$p" 2>/dev/null || break; sleep 0.1; done
  rm -f $PIDF
}
case $1 in
 setup)
  if [ "$ON" = sqlite ]; then rm -rf "$DATA_DIR"; mkdir -p "$DATA_DIR"; else mysql -e "DROP DATABASE IF EXISTS porchlight; CREATE DATABASE porchlight CHARACTER SET utf8mb4;
   CREATE USER IF NOT EXISTS 'porchlight'@'localhost' IDENTIFIED BY 'bench'; GRANT ALL ON porchlight.* TO 'porchlight'@'localhost'"; fi
  node -e "import('$ROOT/dist/services/store/index.js').then((store) => store.migrate(process.env.DATABASE_URL, { log: console }))"
  node -e "import('$ROOT/dist/services/runtime/index.js').then((runtime) => runtime.readKeyFile(process.env.DATA_DIR + '/key'))"
  seq 0 $((${USERS:-200000} - 1)) | awk 'BEGIN { print "username,password" } { print "u" $1 ",p" $1 }' > logs/users.csv
  node "$ROOT/services/porchlight.mjs" user import logs/users.csv;;
 start)
  stop
  if [ "$ON" = sqlite ]; then node -e "new (require('$ROOT/node_modules/libsql'))(process.argv[1]).exec('DELETE FROM Pdata; DELETE FROM Subscription')" "$DATA_DIR/porchlight.db"
  else mysql porchlight -e 'TRUNCATE Pdata; TRUNCATE Subscription'; fi
  setsid ${PIN:-} node --max-semi-space-size=64 ${NODEOPT:-} "$ROOT/dist/services/main.js" > logs/porchlight.log 2>&1 < /dev/null &
  echo $! > $PIDF
  for _ in $(seq 1 80); do ss -lun | grep -q '127.0.0.1:5072 ' && break; sleep 0.1; done
  sleep 0.5; echo "porchlight pid $(cat $PIDF)";;
 stop) stop;;
 commit) shift; node commit-latency.mjs --label "${ON:-porchlight}" "$@";;
 *) sed -n 2,8p "$0"; exit 2;;
esac
