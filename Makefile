# Everything that a person does with this repository. `make` lists it.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Extra flags for `make run` and `make bench`: make run ARGS='--addr :8080'
ARGS ?=
# How long `make fuzz` stays with each fuzz target.
FUZZTIME ?= 30s
# How often the first part of `make prove` kills the server, and how long the
# second one takes.
KILLS ?= 200
PROVE ?= 5m
# How many seeds `make simulate` plays, from which on, or which one alone.
SEEDS ?= 20000
FIRST ?= 1
SEED ?= 0
# For how many seconds `make outages` stops Redis, and how many people a node
# is killed under.
STOP ?= 30
CROWD ?= 1000

# The client is built again when one of these is newer than its build. The
# folders are in the list because a file that is gone is newer than nothing.
WEB_SOURCES := $(shell find web/src web/public web/scripts -not -name '.*' 2>/dev/null) \
	$(wildcard web/index.html web/*.ts web/*.mjs web/*.json)

.PHONY: help run test test-django check build web e2e test-copy budgets bench bench-series bench-profile benchmarks prove simulate test-planted outages fuzz generate fmt clean

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## (.*)/  \1|\2/' | awk -F'|' '{printf "%-14s %s\n", $$1, $$2}'

run: build ## build, then serve on http://127.0.0.1:8080 with data in ./parley-data; flags in ARGS
	bin/parley serve $(ARGS)

test: ## every check and every test, what CI runs; installs Debian's Chromium where it may
	@scripts/test.sh

check: ## formatting, vet, staticcheck, types, house rules; no other test
	@scripts/check.sh

build: web/dist/index.html ## the program, at bin/parley
	go build -o bin/parley ./cmd/parley

web: web/dist/index.html ## the web client, into web/dist

e2e: build e2e/node_modules/.installed ## the browser specs alone; flags for Playwright in ARGS
	cd e2e && npx playwright test $(ARGS)

test-copy: build e2e/node_modules/.installed ## parley copy with 100,000 messages to PostgreSQL and back, and the browser specs on copies, about ten minutes
	PARLEY_TEST_REQUIRE=postgres PARLEY_COPY_MESSAGES=100000 go test -count=1 -v -run TestADatabaseGoesToPostgreSQLAndBackUnchanged ./internal/transfer
	cd e2e && PARLEY_TEST_REQUIRE=postgres npx playwright test --config copied.config.ts $(ARGS)

budgets: build e2e/node_modules/.installed ## measure the web client against its budgets, about four minutes; prints a table
	cd e2e && npx playwright test --config budgets.config.ts $(ARGS)

bench: build ## every load scenario in about a minute, as a table; one of them and flags in ARGS
	bin/parley bench $(ARGS)

bench-series: build ## all figures of docs/performance.md, three times, as a table; four minutes for each run on a quiet machine; RUNS=1 for fewer
	bin/parley bench series --runs $(RUNS) --images docs/images $(ARGS)

bench-profile: build ## profiles of the server in one room of 1,000, into PROFILE; another scenario in ARGS
	mkdir -p $(PROFILE)
	bin/parley bench $(or $(ARGS),fan-out) --profile $(PROFILE)
	@for cpu in $(PROFILE)/*.cpu.pprof; do go tool pprof -top -nodecount=20 bin/parley $$cpu; done

benchmarks: ## Go benchmarks of a message's way (reading it, committing it, writing it to a room), six times each, for benchstat
	go test -run '^$$' -bench '^Benchmark(DecodeSend|DecodeResume|Append|FanOut)$$' -count 6 $(ARGS) ./internal/wire ./internal/store/sqlstore ./internal/realtime

test-django: ## the tests against Python's channels_redis and Django Channels alone; fails without them
	@source scripts/install.sh && install_missing
	PARLEY_TEST_REQUIRE=redis,django go test -count=1 ./channellayer/channelsredis ./internal/bridge

prove: build ## put the promise to the proof: 200 kills on SQLite, 5 minutes of everything on three nodes; KILLS=1000 PROVE=1h for longer
	bin/parley prove --faults kill --kills $(KILLS) $(ARGS)
	bin/parley prove --faults all --nodes 3 --for $(PROVE) $(ARGS)

simulate: ## play SEEDS=20000 worlds of nodes, people and faults in one process, from FIRST=1 on; SEED=7 plays that one and tells everything
	go test -count=1 -timeout=0 -v -run '^TestEveryPromise' ./internal/simulate -aloud -first=$(FIRST) -seeds=$(SEEDS) -seed=$(SEED)

test-planted: web/dist/index.html ## build bugs in on purpose, one at a time, and see that each is caught; a table, in about three minutes
	@go run ./scripts/testplanted $(ARGS)

outages: ## measure what people notice when Redis or a node dies, on a quiet machine; STOP=60 CROWD=3000 for more
	PARLEY_TEST_REQUIRE=redis,postgres PARLEY_MEASURE=1 PARLEY_REDIS_STOP=$(STOP) PARLEY_CROWD=$(CROWD) \
		go test -count=1 -v -timeout=30m -run 'Redis|Killed' ./internal/crashtest

fuzz: web/dist/index.html ## each fuzz target for FUZZTIME
	@scripts/fuzz.sh $(FUZZTIME)

generate: ## write the files that are made from others, such as the client's types
	go generate ./...

fmt: ## format the Go code
	find . -name '*.go' -not -path '*/node_modules/*' -print0 | xargs -0 go tool -modfile=tools.mod gofumpt -w

clean: ## remove what was built; data and installed packages stay
	rm -rf bin e2e/test-results e2e/playwright-report
	find web/dist -mindepth 1 -not -name .keep -delete

web/dist/index.html: web/node_modules/.installed $(WEB_SOURCES)
	cd web && npm run build

# A lock file that did not change needs no second installation.
%/node_modules/.installed: %/package-lock.json
	cd $* && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --loglevel=error
	@touch $@
