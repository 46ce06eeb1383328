//go:build race

package simulate_test

// usualSeeds are fewer here: the race detector makes each take ten times as
// long. `make test` plays the 2,000 without it, too.
const usualSeeds = 200

// alikeOfTen is how many of ten seeds must tell the same story twice: the race
// detector shuffles goroutines on purpose.
const alikeOfTen = 5
