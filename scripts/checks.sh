# The checks that run no test. Sourced by check.sh and test.sh, after steps.sh.

formatting() {
	local unformatted
	unformatted=$(find . -name '*.go' -not -path '*/node_modules/*' -print0 | xargs -0 go tool -modfile=tools.mod gofumpt -l) || return 1
	[ -z "$unformatted" ] || { echo "run 'make fmt' for:" && echo "$unformatted" && return 1; }
}

static_checks() {
	step "web client" make --no-print-directory web
	step "formatting" formatting
	step "go vet" go vet ./...
	step "staticcheck" tool staticcheck ./...
	step "house rules" house_rules
	step "types of the web client" npm --prefix web run --silent check
	step "types of the browser specs" types_of_specs
}

# The tests that look at this tree; they print its figures.
house_rules() {
	go test -count=1 -v -run 'TestPackages|TestFunctions|TestNames|TestNoTest|TestTracked' ./internal/archtest |
		grep -v -e '^=== ' -e '^ok ' -e '^PASS'
}

types_of_specs() {
	make --no-print-directory e2e/node_modules/.installed && npm --prefix e2e run --silent check
}
