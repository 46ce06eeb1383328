//go:build race

package simulate_test

// usualSeeds are fewer here: the race detector makes each take ten times as
// long. Without it many more are played.
const usualSeeds = 400
