#!/bin/sh
# Writes .env for docker-compose.yml, once: secrets from the system's random source, and what this host is called.
#
#   sh docs/examples/make-env.sh [--files] [DOMAIN [ADDRESS]]
#
# DOMAIN    of the accounts (people are NAME@DOMAIN); this host's name unless it is given
# ADDRESS   that phones are to use for this host; the one on its default route unless it is given
# --files   keeps the secrets in files under secrets/, mounted by docs/examples/secrets.yml, and not in .env
#
# Needs no Node. An .env that is there is never touched.
set -eu
umask 077
cd "$(dirname "$0")/../.."

files=no
if [ "${1-}" = --files ]; then files=yes; shift; fi
if [ $# -gt 2 ]; then echo "usage: sh docs/examples/make-env.sh [--files] [DOMAIN [ADDRESS]]" >&2; exit 2; fi
if [ -e .env ]; then
  echo "there is an .env already; it is left as it is (it may hold the key to a database)" >&2
  exit 1
fi

# 24 bytes as 48 letters and digits: nothing that a URL, a shell or .env would read otherwise.
word() { od -An -vtx1 -N24 /dev/urandom | tr -d ' \n'; }
key() { head -c 32 /dev/urandom | base64 | tr -d '\n'; }
route() {
  address=$(ip -4 route get 192.0.2.1 2>/dev/null | sed -n 's/.* src \([0-9.]*\).*/\1/p' | head -n 1)
  [ -n "$address" ] || address=$(hostname -I 2>/dev/null | cut -d ' ' -f 1) || true
  printf %s "${address:-127.0.0.1}"
}

host=$(uname -n)
domain=${1:-$host}
address=${2:-$(route)}
password=$(word)
root=$(word)
key=$(key)
if [ "$files" = yes ]; then
  mkdir -p secrets
  # The folder is for its owner only (umask above); inside a container the files are read by other users than here.
  printf %s "$password" >secrets/mysql_password
  printf %s "$root" >secrets/mysql_root_password
  printf %s "$key" >secrets/porchlight_key
  chmod 444 secrets/mysql_password secrets/mysql_root_password secrets/porchlight_key
  # docker-compose.yml insists on these; docs/examples/secrets.yml puts the files in their place.
  password=unused-$(word) root=unused-$(word) key=unused-$(word)
fi

draft=.env.$$
trap 'rm -f "$draft"' EXIT
cat >"$draft" <<END
# Made by docs/examples/make-env.sh. The key opens what the database keeps of the phones' credentials: a backup of the
# database is worth nothing without it.
PORCHLIGHT_KEY=$key
MYSQL_PASSWORD=$password
MYSQL_ROOT_PASSWORD=$root

# The domain of the accounts, and what else means it in what phones send.
SIP_DOMAIN=$domain
SIP_ALIASES=$host,$address,localhost,127.0.0.1

# What phones are told to send to: this host as they reach it, with :PORT where SIP_PORT is not 5060.
SIP_ADVERTISE=$address

# Published on this host; ADDRESS:PORT publishes on one of its addresses only.
SIP_PORT=5060
WEB_PORT=8080
END
if [ "$files" = yes ]; then echo "COMPOSE_FILE=docker-compose.yml:docs/examples/secrets.yml" >>"$draft"; fi
# A link is never made over a file that came in between.
ln "$draft" .env
echo ".env is made: accounts are NAME@$domain, phones use $address. Now: docker compose up"
