#!/usr/bin/env bash
# A newcomer's first run, from start to restart: the sandbox comes up, a payout arrives within the first minute, Ctrl-C
# stops all of it, started again it goes on where it was; and the files' way beside it. Usage: scripts/newcomer.sh
set -uo pipefail
cd "$(dirname "$0")/.."

data=$(mktemp -d)
# The account that an embedded PostgreSQL runs under must be able to enter.
chmod 755 "$data"
pid=
trap '[ -z "$pid" ] || kill -KILL -- "-$pid" 2>/dev/null; rm -rf "$data"' EXIT

# Waits up to $2 seconds until the file $1 has a line with $3.
wait_for() {
  local tick
  for ((tick = 0; tick < $2 * 5; tick++)); do
    grep -q "$3" "$1" 2>/dev/null && return 0
    sleep 0.2
  done
  echo "no \"$3\" in $2 s:"
  cat "$1"
  return 1
}

start() {
  setsid npm start --silent -- --data "$data/sandbox" --port 0 >"$1" 2>&1 &
  pid=$!
}

# Ctrl-C goes to the whole group, as a terminal sends it.
stop() {
  local code
  kill -INT -- "-$pid"
  wait "$pid"
  code=$?
  pid=
  [ $code = 0 ] || [ $code = 130 ] || { echo "stopped with $code"; cat "$1"; return 1; }
  ! pgrep -f "$data/sandbox" >/dev/null || { echo "something still runs"; pgrep -af "$data/sandbox"; return 1; }
}

# The address $1, asked with the key $2, answers with something that has $3 in it.
answers() {
  curl -fsS -o "$data/answer" -H "authorization: Bearer $2" "$1" && grep -q "$3" "$data/answer" && return 0
  echo "$1 does not answer with $3:"
  head -c 600 "$data/answer"
  return 1
}

first_minute() {
  start "$data/first"
  wait_for "$data/first" 60 "released .*on the seller's account" || { stop "$data/first"; return 1; }
  local url key
  url=$(grep -o 'http://localhost:[0-9]*/v1' "$data/first" | head -1)
  key=$(grep -o 'swk_[A-Za-z0-9_-]*' "$data/first" | head -1)
  answers "$url/payouts" "$key" '"state":"released"' && answers "${url%/v1}/reference" "$key" "Straitway" &&
    answers "${url%/v1}/health/ready" "$key" "ready" &&
    npx --no-install straitway trigger charged-on-the-way --server "${url%/v1}" --key "$key" &&
    stop "$data/first"
}

second_start() {
  start "$data/second"
  wait_for "$data/second" 60 "goes on where it was" && sleep 1 && stop "$data/second" &&
    npx --no-install straitway verify --data "$data/sandbox"
}

files() {
  npx --no-install straitway demo --data "$data/books" >"$data/demo" 2>&1 || { cat "$data/demo"; return 1; }
  grep -q "RELEASED" "$data/demo" && grep -q "HELD" "$data/demo" &&
    npx --no-install straitway verify --data "$data/books"
}

first_minute && second_start && files
