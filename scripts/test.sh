#!/usr/bin/env bash
# Everything that is checked and tested: `make test`, and what CI runs.
#
# PARLEY_TEST_REQUIRE names what may not be missing (chromium, …): without it
# a test whose program is not there is skipped, and the summary says so. The
# browser specs run on one node, then on two.
set -euo pipefail
source "$(dirname "$0")/steps.sh"
source scripts/checks.sh
source scripts/install.sh

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
notes=()
[ -t 1 ] || export NO_COLOR=1 # colours are for people

testsummary() { "$results/testsummary" "$@"; }

# The race detector is C code. Without a C compiler the same tests run plain.
go_tests() {
	local flags=(-json -count=1 -vet=off -timeout=10m)
	if [ "$(go env CGO_ENABLED)" = 1 ] && command -v "$(go env CC)" >/dev/null; then
		flags+=(-race)
	else
		notes+=("Go tests ran without the race detector: no C compiler")
	fi
	go test "${flags[@]}" ./... 2>&1 | testsummary go "$results/go"
}

web_tests() {
	npm --prefix web run --silent test -- --reporter=default \
		--reporter=json --outputFile.json="$results/vitest.json" || true
	testsummary vitest "$results/vitest.json" "$results/web"
}

browser_tests() {
	if ! has chromium; then
		notes+=("browser specs skipped: no chromium")
		echo "0 0 $(ls e2e/specs/*.spec.ts | wc -l)" >"$results/browser"
		return 0
	fi
	local engine
	for engine in postgres redis; do
		has $engine || notes+=("browser specs on two nodes skipped: no $engine")
	done
	(cd e2e && PLAYWRIGHT_JSON_OUTPUT_NAME="$results/playwright.json" npx playwright test --reporter=list,json) || true
	testsummary playwright "$results/playwright.json" "$results/browser"
}

step "programs for the tests" install_missing
step "required programs" require_all
step "summary program" go build -o "$results/testsummary" ./scripts/testsummary
static_checks
step "tests of the web client" web_tests
step "build" make --no-print-directory build
step "2,000 seeds of the simulation" go test -count=1 -vet=off ./internal/simulate # the race detector gets fewer
step "Go tests" go_tests
step "browser specs" browser_tests

total=(0 0 0)
row() {
	printf '%-16s %7s %7s %8s\n' "$@"
}
count() {
	row "$@"
	total=($((total[0] + $2)) $((total[1] + $3)) $((total[2] + $4)))
}

echo
row "" passed failed skipped
count steps "$passed_steps" "${#failed_steps[@]}" 0
for suite in go web browser; do
	read -r -a counts <"$results/$suite" || counts=(0 0 0)
	count "$suite" "${counts[@]}"
done 2>/dev/null
for note in "${notes[@]}"; do echo "note: $note"; done
for name in "${failed_steps[@]}"; do echo "failed: $name"; done
echo "took $((SECONDS / 60)) min $((SECONDS % 60)) s"
echo "${total[0]} passed, ${total[1]} failed, ${total[2]} skipped"
[ ${#failed_steps[@]} -eq 0 ]
