//go:build race

package simulate_test

// usualSeeds are fewer here: the race detector makes each take ten times as
// long. `make test` plays the 2,000 without it, too.
const usualSeeds = 200
