#!/bin/sh
# Two runs of all tests at once, beside a busy loop on each processor, three times: no test may fail for that.
#   sh tests/loaded.sh                     what it prints last is what failed, or that nothing did
#   RUNS=1 sh tests/loaded.sh tests/core   once, and only these
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
failed=0
for run in $(seq "${RUNS:-3}"); do
  .venv/bin/python -m pytest -q -n 3 --dist worksteal -p no:cacheprovider "$@" >"$logs/$run-first" 2>&1 &
  first=$!
  .venv/bin/python -m pytest -q -n 3 --dist worksteal -p no:cacheprovider "$@" >"$logs/$run-second" 2>&1 || failed=1
  wait "$first" || failed=1
  tail -q -n 1 "$logs/$run-first" "$logs/$run-second"
done
grep -hE '^(FAILED|ERROR)' "$logs"/* | sort | uniq -c
[ "$failed" = 0 ] && echo "Nothing failed." || echo "What failed is told in $logs."
exit "$failed"
