#!/bin/sh
# Two runs of all tests at once, beside a busy loop on each processor, three times: no test may fail for that.
#   sh tests/loaded.sh                     what it prints last is what failed, or that nothing did
#   RUNS=1 sh tests/loaded.sh tests/core   once, and only these
#   LIMIT=3600 sh tests/loaded.sh          for an hour at most; what is not done by then is stopped, and it says so
set -u
logs=$(mktemp -d)
busy=
end() { [ -z "$busy" ] || kill $busy; }
trap end EXIT
trap 'exit 130' INT TERM
for processor in $(seq "$(nproc)"); do
  while :; do :; done &
  busy="$busy $!"
done
ends=$(($(date +%s) + ${LIMIT:-86400}))
left() { echo $((ends - $(date +%s))); }
# timeout leaves with 124 where the time was up; who is asked to stop by TERM stops the PostgreSQL of its tests first.
tests() { timeout -k 60 "$(left)" .venv/bin/python -m pytest -q -n 3 --dist worksteal -p no:cacheprovider "$@"; }
failed=0 cut=0
ended() { case $1 in 0) ;; 124 | 137) cut=1 ;; *) failed=1 ;; esac; }
for run in $(seq "${RUNS:-3}"); do
  [ "$(left)" -gt 0 ] || { cut=1; break; }
  tests "$@" >"$logs/$run-first" 2>&1 &
  first=$!
  tests "$@" >"$logs/$run-second" 2>&1
  ended $?
  wait "$first"
  ended $?
  tail -q -n 1 "$logs/$run-first" "$logs/$run-second"
done
grep -hE '^(FAILED|ERROR)' "$logs"/* | sort | uniq -c
[ "$cut" = 0 ] || echo "The time was up before the end of run $run."
[ "$failed" = 0 ] && echo "Nothing failed." || echo "What failed is told in $logs."
exit $((failed | cut))
