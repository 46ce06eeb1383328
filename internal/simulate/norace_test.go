//go:build !race

package simulate_test

const usualSeeds = 2000
