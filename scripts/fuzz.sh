#!/usr/bin/env bash
# Runs every fuzz target for the given time each: `make fuzz`.
set -euo pipefail
cd "$(dirname "$0")/.."

git grep -hn -o 'func Fuzz[A-Za-z0-9_]*' -- '*_test.go' >/dev/null || { echo "there is no fuzz target yet" && exit 0; }
git grep -o 'func Fuzz[A-Za-z0-9_]*' -- '*_test.go' | while IFS=: read -r file declaration; do
	go test -run '^$' -fuzz "^${declaration#func }\$" -fuzztime "$1" "./$(dirname "$file")"
done
